// QEMU's machine protocol over its unix socket: screenshots, keys, link state. (QEMU: docs/interop/qmp-spec)
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { MssError } from '../../src/errors.ts';

interface Reply {
  return?: unknown;
  error?: { desc: string };
}

export class Qmp {
  readonly #socket: Socket;
  readonly #waiting: Array<(reply: Reply) => void> = [];
  #unread = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const answer of this.#waiting.splice(0)) answer({ error: { desc: 'QEMU has ended' } });
    });
  }

  static async connect(path: string): Promise<Qmp> {
    const socket = createConnection(path);
    await once(socket, 'connect');
    const qmp = new Qmp(socket);
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  #read(text: string): void {
    const lines = (this.#unread + text).split('\n');
    this.#unread = lines.pop() ?? '';
    for (const line of lines) {
      const reply = JSON.parse(line) as Reply;
      // Greeting and events answer nothing.
      if (reply.return !== undefined || reply.error !== undefined) this.#waiting.shift()?.(reply);
    }
  }

  /** One command, answered in order. Throws MssError `io` with QEMU's words when it is refused. */
  async execute(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    const reply = await new Promise<Reply>((answer) => {
      this.#waiting.push(answer);
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
    if (reply.error) throw new MssError('io', `QEMU refused ${command}: ${reply.error.desc}`);
    return reply.return;
  }

  /** The screen as a PNG file. */
  async screenshot(path: string): Promise<void> {
    await this.execute('screendump', { filename: path, format: 'png' });
  }

  /** Presses keys one after another, by QEMU's names (qcodes): `ret`, `a`, `1`. */
  async pressKeys(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.execute('send-key', { keys: [{ type: 'qcode', data: key }] });
  }

  close(): void {
    this.#socket.destroy();
  }
}
