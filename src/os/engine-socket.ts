// The engine's command socket: one JSON line in, one out. Suricata documentation, "Interacting via Unix Socket".
import { createConnection, type Socket } from 'node:net';
import { MssError, messageOf } from '../errors.ts';

const ANSWER_BYTES = 16 << 20;

export class EngineSocket {
  readonly #socket: Socket;
  #rest = '';
  #waiting: { done: (line: string) => void; fail: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text) => this.#take(String(text)));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the engine closed the connection')));
  }

  /** @throws MssError 'engine' when nobody listens on `file` or it speaks another protocol */
  static async connect(file: string, timeoutMs = 10_000): Promise<EngineSocket> {
    const socket = createConnection(file);
    const engine = new EngineSocket(socket);
    try {
      // version 0.2 of the protocol ends each message with a newline
      await engine.#exchange({ version: '0.2' }, timeoutMs);
      return engine;
    } catch (cause) {
      engine.close();
      throw new MssError('engine', `no answer from the engine on ${file}: ${messageOf(cause)}`, { cause });
    }
  }

  /**
   * Sends one command and waits for its answer.
   * @throws MssError 'engine' with what the engine said when it refused, or when it does not answer in time
   */
  async command(command: string, args?: Record<string, unknown>, timeoutMs = 10_000): Promise<unknown> {
    try {
      return await this.#exchange(args === undefined ? { command } : { command, arguments: args }, timeoutMs);
    } catch (cause) {
      throw new MssError('engine', `engine command ${command}: ${messageOf(cause)}`, { cause });
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  async #exchange(request: object, timeoutMs: number): Promise<unknown> {
    if (this.#waiting !== undefined) throw new Error('an earlier command has no answer yet');
    let timer: NodeJS.Timeout | undefined;
    const line = await new Promise<string>((done, fail) => {
      if (this.#failure !== undefined) {
        fail(this.#failure);
        return;
      }
      this.#waiting = { done, fail };
      timer = setTimeout(() => this.#end(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
      this.#socket.write(`${JSON.stringify(request)}\n`);
    }).finally(() => clearTimeout(timer));
    const answer = JSON.parse(line) as { return?: string; message?: unknown };
    if (answer.return !== 'OK') throw new Error(String(answer.message ?? line.slice(0, 200)));
    return answer.message;
  }

  #take(text: string): void {
    this.#rest += text;
    if (this.#rest.length > ANSWER_BYTES) {
      this.#end(new Error('an answer without end'));
      return;
    }
    const end = this.#rest.indexOf('\n');
    if (end === -1) return;
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.done(line);
  }

  #end(error: Error): void {
    this.#failure ??= error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.fail(this.#failure);
    this.#socket.destroy();
  }
}
