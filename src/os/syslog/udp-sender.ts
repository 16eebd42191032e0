// Syslog messages over UDP, a datagram each (RFC 5426, 3.1). Nobody answers: a port that is closed is noticed by its ICMP
// error, a network that loses datagrams is not.
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { MssError, messageOf } from '../../errors.ts';
import type { SyslogSender } from './sender.ts';

/** an ICMP error takes a round trip */
const ANSWER_MS = 50;
/** datagrams without a pause between them: more overrun the buffer of a busy receiver */
const BURST = 100;

/** @throws where the name has no address, or there is no way to it */
export async function openUdp({ host, port }: { host: string; port: number }): Promise<SyslogSender> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  // connected, so that the kernel tells of ICMP errors
  socket.connect(port, address);
  try {
    await once(socket, 'connect');
  } catch (error) {
    socket.close();
    throw error;
  }
  return new UdpSender(socket);
}

class UdpSender implements SyslogSender {
  failure: string | undefined;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (error) => {
      this.failure ??= messageOf(error);
    });
  }

  async send(messages: readonly string[]): Promise<void> {
    for (let at = 0; at < messages.length; at += BURST) {
      await Promise.all(messages.slice(at, at + BURST).map((message) => this.#sendOne(message)));
      await delay(ANSWER_MS);
      if (this.failure !== undefined) throw new MssError('network', `sending syslog stopped: ${this.failure}`);
    }
  }

  async end(): Promise<boolean> {
    const isClean = this.failure === undefined;
    this.#socket.close();
    return isClean;
  }

  #sendOne(message: string): Promise<void> {
    return new Promise((done) => {
      this.#socket.send(message, (error) => {
        if (error) this.failure ??= messageOf(error);
        done();
      });
    });
  }
}
