// A connection to another syslog server, TCP or TLS, counted in octets (RFC 6587, 3.4.1; RFC 5425, 4.3).
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { MssError, messageOf } from '../../errors.ts';

export interface SyslogTarget {
  host: string;
  port: number;
  /** PEM file of who signed the server's certificate; empty: the system's authorities. undefined: no TLS */
  tlsCa: string | undefined;
}

const CONNECT_MS = 10_000;
// a server that takes nothing for this long is as good as gone
const STALLED_MS = 30_000;

export class SyslogSender {
  /** why the connection is over */
  failure: string | undefined;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (error) => {
      this.failure ??= messageOf(error);
    });
    socket.on('close', () => {
      this.failure ??= 'the server closed the connection';
    });
    // a syslog server says nothing
    socket.resume();
  }

  /** @throws MssError 'network' when there is no connection */
  static async open({ host, port, tlsCa }: SyslogTarget): Promise<SyslogSender> {
    try {
      const ca = tlsCa === undefined || tlsCa === '' ? undefined : readFileSync(tlsCa);
      const socket =
        tlsCa === undefined ? connect(port, host) : connectTls({ port, host, ca, servername: nameOf(host) });
      const sender = new SyslogSender(socket);
      try {
        const signal = AbortSignal.timeout(CONNECT_MS);
        await once(socket, tlsCa === undefined ? 'connect' : 'secureConnect', { signal });
      } catch (error) {
        socket.destroy();
        throw error;
      }
      socket.setTimeout(STALLED_MS, () => {
        if (socket.writableLength > 0) socket.destroy(new Error(`nothing was taken for ${STALLED_MS / 1000} s`));
      });
      return sender;
    } catch (cause) {
      throw new MssError('network', `cannot forward logs to ${host}:${port}: ${messageOf(cause)}`, { cause });
    }
  }

  /** Resolves once the kernel has the messages. @throws MssError 'network' when the connection ends before */
  async send(messages: readonly string[]): Promise<void> {
    const text = messages.map((message) => `${Buffer.byteLength(message)} ${message}`).join('');
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#socket.once('close', resolve);
    this.#socket.write(text, resolve);
    await promise;
    this.#socket.off('close', resolve);
    if (this.failure !== undefined) throw new MssError('network', `forwarding logs stopped: ${this.failure}`);
  }

  /** Ends the connection. @returns whether the server took all and closed in turn, within `maxMs` */
  async end(maxMs: number): Promise<boolean> {
    const wasOpen = this.failure === undefined;
    const closed = once(this.#socket, 'close', { signal: AbortSignal.timeout(maxMs) });
    this.#socket.end();
    const isClean = await closed.then(
      () => true,
      () => false,
    );
    this.#socket.destroy();
    return wasOpen && isClean;
  }
}

// RFC 6066: no addresses
const nameOf = (host: string): string | undefined => (/^[\d.]+$|:/.test(host) ? undefined : host);
