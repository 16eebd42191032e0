// The machine's serial console, or a terminal over ssh, as a person at it: types a line, waits for what comes back.
import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Duplex } from 'node:stream';
import { MssError } from '../../src/errors.ts';

export class SerialLine {
  readonly #stream: Duplex;
  #unread = '';

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      this.#unread += text;
      stream.emit('said');
    });
    stream.on('error', () => stream.destroy());
  }

  static async connect(path: string): Promise<SerialLine> {
    const socket = createConnection(path);
    await once(socket, 'connect');
    return new SerialLine(socket);
  }

  /**
   * Waits for `pattern` in what was said since the last match; all of it up to there.
   * @throws MssError `io` with what was said instead
   */
  async expect(pattern: RegExp, timeoutMs = 60_000): Promise<string> {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const match = pattern.exec(this.#unread);
      if (match) {
        const end = match.index + match[0].length;
        const said = this.#unread.slice(0, end);
        this.#unread = this.#unread.slice(end);
        return said;
      }
      try {
        await once(this.#stream, 'said', { signal });
      } catch {
        throw new MssError('io', `no ${pattern} on the serial line, but: ${JSON.stringify(this.#unread.slice(-1500))}`);
      }
    }
  }

  type(text: string): void {
    this.#stream.write(text);
  }

  /** Logs in; leaves the line at whatever a login lands in. */
  async login(user: string, password: string): Promise<void> {
    this.type('\n');
    await this.expect(/login: $/, 120_000);
    this.type(`${user}\n`);
    await this.expect(/Password: $/);
    this.type(`${password}\n`);
  }

  close(): void {
    this.#stream.destroy();
  }
}
