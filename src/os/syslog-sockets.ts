// UDP and TCP sockets that only receive: adopted from systemd or bound here. Says nothing of what the bytes mean.
import { createSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { MssError, messageOf } from '../errors.ts';

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

/** What is done with one TCP connection. */
export interface StreamSink {
  data(bytes: Buffer): void;
  end(): void;
}

// one host behind a load balancer may open many; all of them together hold at most 64 MB of unfinished messages
const MAX_CONNECTIONS = 1024;
const MAX_PER_ADDRESS = 256;
// a connection that sent nothing for this long makes room for a new one
const IDLE_MS = 60_000;
const QUIET_MS = 100;
const RECEIVE_BUFFER_BYTES = 16 << 20;

/** IPv4 as such, and no zone: "::ffff:192.0.2.7" -> "192.0.2.7", "fe80::1%eth0" -> "fe80::1". */
export function plainAddress(address: string): string {
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7);
  const zone = address.indexOf('%');
  return zone === -1 ? address : address.slice(0, zone);
}

/** Waits until nothing came for QUIET_MS, or `maxMs` are over. */
async function untilQuiet(lastMs: () => number, maxMs: number): Promise<void> {
  const startMs = performance.now();
  while (performance.now() - startMs < maxMs) {
    const quietMs = performance.now() - Math.max(lastMs(), startMs);
    if (quietMs >= QUIET_MS) return;
    await delay(QUIET_MS - quietMs);
  }
}

/**
 * Receives datagrams.
 * @param onMessage gets each datagram's bytes and its sender's address
 * @param onError what the socket reports later on
 * @throws MssError 'network' when the port cannot be had
 */
export async function receiveUdp(
  where: Where,
  onMessage: (bytes: Buffer, sender: string) => void,
  onError: (error: MssError) => void,
): Promise<Receiver> {
  let lastMs = 0;
  const open = async (type: 'udp4' | 'udp6') => {
    const socket = createSocket({ type, recvBufferSize: 'fd' in where ? undefined : RECEIVE_BUFFER_BYTES });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('error', reject);
    if ('fd' in where) socket.bind({ fd: where.fd }, resolve);
    else socket.bind(where.port, resolve);
    try {
      await promise;
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.off('error', reject);
    socket.on('message', (bytes, from) => {
      lastMs = performance.now();
      onMessage(bytes, plainAddress(from.address));
    });
    socket.on('error', (error) => onError(new MssError('network', `udp socket: ${messageOf(error)}`)));
    return socket;
  };
  const socket = await openEither(
    where,
    'udp',
    () => open('udp6'),
    () => open('udp4'),
  );
  return {
    port: socket.address().port,
    inherited: 'fd' in where,
    connections: () => 0,
    refusedConnections: () => 0,
    async drain(maxMs) {
      // an inherited socket's queue is systemd's and goes to the next process
      if (!('fd' in where)) await untilQuiet(() => lastMs, maxMs);
      socket.close();
    },
  };
}

/**
 * Receives byte streams, bounded in number; see {@link StreamSink}.
 * @throws MssError 'network' when the port cannot be had
 */
export async function receiveTcp(where: Where, onConnection: (sender: string) => StreamSink): Promise<Receiver> {
  const open = new Map<Socket, { address: string; lastMs: number }>();
  let refused = 0;
  let lastMs = 0;

  const hasRoom = (address: string): boolean => {
    let fromThere = 0;
    let idlest: Socket | undefined;
    let idlestMs = performance.now() - IDLE_MS;
    for (const [socket, state] of open) {
      if (state.address === address) fromThere++;
      if (state.lastMs < idlestMs) {
        idlest = socket;
        idlestMs = state.lastMs;
      }
    }
    if (open.size < MAX_CONNECTIONS && fromThere < MAX_PER_ADDRESS) return true;
    if (idlest === undefined || fromThere >= MAX_PER_ADDRESS) return false;
    idlest.destroy();
    open.delete(idlest);
    return true;
  };

  const accept = (socket: Socket) => {
    // a peer that is already gone has no address any more
    const address = plainAddress(socket.remoteAddress ?? '');
    if (address === '' || !hasRoom(address)) {
      refused++;
      socket.destroy();
      return;
    }
    const sink = onConnection(address);
    const state = { address, lastMs: performance.now() };
    open.set(socket, state);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (bytes) => {
      state.lastMs = lastMs = performance.now();
      sink.data(bytes);
    });
    // 'close' follows, and with it the end of what was received
    socket.on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      sink.end();
    });
  };

  const listen = async (host: string | undefined): Promise<Server> => {
    const server = createServer(accept);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen('fd' in where ? { fd: where.fd } : { port: where.port, host }, resolve);
    await promise;
    server.off('error', reject);
    return server;
  };
  const server = await openEither(
    where,
    'tcp',
    () => listen('::'),
    () => listen('0.0.0.0'),
  );
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    inherited: 'fd' in where,
    connections: () => open.size,
    refusedConnections: () => refused,
    async drain(maxMs) {
      server.close();
      // our FIN tells the sender to stop; what it sent before that is still read
      for (const socket of open.keys()) socket.end();
      await untilQuiet(() => lastMs, maxMs);
      const closing = [...open.keys()].map((socket) => new Promise((done) => socket.once('close', done)));
      for (const socket of open.keys()) socket.destroy();
      await Promise.all(closing);
    },
  };
}

/** Both address families through one IPv6 socket, or IPv4 alone where the kernel has no IPv6. */
async function openEither<T>(
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
