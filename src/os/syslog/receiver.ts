// What the UDP and the TCP receiver share: where they listen, how they end, how a peer is written.
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { MssError, messageOf } from '../../errors.ts';

/** A socket passed by systemd, or a port to bind on all addresses. */
export type Where = { fd: number } | { port: number };

export interface Receiver {
  port: number;
  inherited: boolean;
  connections(): number;
  refusedConnections(): number;
  /** Takes no more senders, reads on until they are quiet (at most `maxMs`), then closes. */
  drain(maxMs: number): Promise<void>;
}

const QUIET_MS = 100;
const LOOK_MS = 20;

/** IPv4 as such, and no zone: "::ffff:192.0.2.7" -> "192.0.2.7", "fe80::1%eth0" -> "fe80::1". */
export function plainAddress(address: string): string {
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7);
  const zone = address.indexOf('%');
  return zone === -1 ? address : address.slice(0, zone);
}

/** Waits until nothing came for `quietMs`, nobody is left who could send, or `maxMs` are over. */
export async function untilQuiet(
  lastMs: () => number,
  maxMs: number,
  { quietMs = QUIET_MS, isOver = () => false }: { quietMs?: number; isOver?: () => boolean } = {},
): Promise<void> {
  const startMs = performance.now();
  while (performance.now() - startMs < maxMs && !isOver()) {
    if (performance.now() - Math.max(lastMs(), startMs) >= quietMs) return;
    await delay(LOOK_MS);
    await turn(); // timers run before sockets are read: on a busy machine there may be more to read by now
  }
}

/**
 * Both address families through one IPv6 socket, or IPv4 alone where the kernel has no IPv6.
 * @throws MssError 'network'
 */
export async function openEither<T>(
  where: Where,
  transport: string,
  six: () => Promise<T>,
  four: () => Promise<T>,
): Promise<T> {
  try {
    return await six().catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL') return four();
      throw error;
    });
  } catch (cause) {
    const what = 'fd' in where ? `socket passed as file descriptor ${where.fd}` : `port ${where.port}`;
    throw new MssError('network', `cannot receive on ${transport} ${what}: ${messageOf(cause)}`, { cause });
  }
}
