// The way to another syslog server. Over TCP and TLS a connection, messages counted in octets (RFC 6587, 3.4.1; RFC 5425,
// 4.3); over UDP a datagram each (RFC 5426, 3.1).
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { MssError, messageOf } from '../../errors.ts';
import { openUdp } from './udp-sender.ts';

export interface SyslogTarget {
  host: string;
  port: number;
  transport: 'udp' | 'tcp' | 'tls';
  /** PEM file of who signed the server's certificate; empty: the system's authorities */
  caFile: string;
}

export interface SyslogSender {
  /** why the connection is over */
  readonly failure: string | undefined;
  /** Resolves once the kernel has the messages. @throws MssError 'network' when the connection ends before */
  send(messages: readonly string[]): Promise<void>;
  /** Ends the connection. @returns whether all that was sent has arrived, as far as can be known within `maxMs` */
  end(maxMs: number): Promise<boolean>;
}

const CONNECT_MS = 10_000;
// a server that takes nothing for this long is as good as gone
const STALLED_MS = 30_000;

/** @throws MssError 'network' when there is no connection */
export async function openSyslog(target: SyslogTarget): Promise<SyslogSender> {
  try {
    return target.transport === 'udp' ? await openUdp(target) : await openStream(target);
  } catch (cause) {
    throw new MssError('network', `cannot send syslog to ${target.host}:${target.port}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function openStream({ host, port, transport, caFile }: SyslogTarget): Promise<SyslogSender> {
  const ca = transport === 'tcp' || caFile === '' ? undefined : readFileSync(caFile);
  const socket = transport === 'tcp' ? connect(port, host) : connectTls({ port, host, ca, servername: nameOf(host) });
  const sender = new StreamSender(socket);
  try {
    await once(socket, transport === 'tcp' ? 'connect' : 'secureConnect', { signal: AbortSignal.timeout(CONNECT_MS) });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  socket.setTimeout(STALLED_MS, () => {
    if (socket.writableLength > 0) socket.destroy(new Error(`nothing was taken for ${STALLED_MS / 1000} s`));
  });
  return sender;
}

class StreamSender implements SyslogSender {
  failure: string | undefined;
  readonly #socket: Socket;

  constructor(socket: Socket) {
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

  async send(messages: readonly string[]): Promise<void> {
    const text = messages.map((message) => `${Buffer.byteLength(message)} ${message}`).join('');
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#socket.once('close', resolve);
    this.#socket.write(text, resolve);
    await promise;
    this.#socket.off('close', resolve);
    if (this.failure !== undefined) throw new MssError('network', `sending syslog stopped: ${this.failure}`);
  }

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
