// Byte streams that only receive: TCP, and TLS in it where there is a certificate (RFC 5425), told from plain syslog by
// its first byte. Adopted from systemd or bound here, bounded in number. Says nothing of what the bytes mean.
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { openEither, plainAddress, type Receiver, untilQuiet, type Where } from './receiver.ts';
import type { TlsSetup } from './tls-setup.ts';

/** What is done with one connection. */
export interface StreamSink {
  data(bytes: Buffer): void;
  end(): void;
}

export interface StreamReceiver extends Receiver {
  /** TLS from now on for those who begin with it; undefined: none. Connections that are open stay as they are. */
  setTls(setup: TlsSetup | undefined): void;
  failedHandshakes(): number;
}

// one host behind a load balancer may open many; all of them together hold at most 64 MB of unfinished messages
const MAX_CONNECTIONS = 1024;
const MAX_PER_ADDRESS = 256;
// a connection that sent nothing for this long makes room for a new one
const IDLE_MS = 60_000;
const HANDSHAKE_MS = 10_000;
// at the end a sender on a busy machine may take this long to see that it should stop
const QUIET_MS = 1000;
/** TLS's record type 22, handshake (RFC 8446, 5.1); no syslog message begins with it */
const HANDSHAKE = 22;

interface Connection {
  address: string;
  lastMs: number;
  /** the TLS stream once there is one */
  stream: Socket;
}

/**
 * Receives byte streams; see {@link StreamSink}.
 * @param onError why a TLS sender was refused
 * @throws MssError 'network' when the port cannot be had
 */
export async function receiveTcp(
  where: Where,
  onConnection: (sender: string, transport: 'tcp' | 'tls') => StreamSink,
  onError: (text: string) => void,
): Promise<StreamReceiver> {
  const open = new Map<string, Connection>();
  let refused = 0;
  let failed = 0;
  let lastMs = 0;
  let tls: { server: TlsServer; only: boolean } | undefined;

  const hasRoom = (address: string): boolean => {
    let fromThere = 0;
    let idlest: string | undefined;
    let idlestMs = performance.now() - IDLE_MS;
    for (const [name, state] of open) {
      if (state.address === address) fromThere++;
      if (state.lastMs < idlestMs) {
        idlest = name;
        idlestMs = state.lastMs;
      }
    }
    if (open.size < MAX_CONNECTIONS && fromThere < MAX_PER_ADDRESS) return true;
    if (idlest === undefined || fromThere >= MAX_PER_ADDRESS) return false;
    open.get(idlest)!.stream.destroy();
    open.delete(idlest);
    return true;
  };

  const serve = (stream: Socket, state: Connection, transport: 'tcp' | 'tls') => {
    const sink = onConnection(state.address, transport);
    state.stream = stream;
    stream.on('data', (bytes) => {
      state.lastMs = lastMs = performance.now();
      sink.data(bytes);
    });
    stream.on('error', () => {});
    stream.on('close', () => sink.end());
  };

  const begin = (socket: Socket, state: Connection, first: Buffer) => {
    if (first.length > 0 && first[0] === HANDSHAKE && tls !== undefined) {
      socket.pause();
      socket.unshift(first);
      tls.server.emit('connection', socket);
    } else if (tls?.only === true || first[0] === HANDSHAKE) {
      refused++;
      const why = tls === undefined ? 'TLS, but no certificate is set (logs.tlsCertificate)' : 'no TLS (logs.tlsOnly)';
      onError(`${state.address} was refused: it sends ${why}`);
      socket.destroy();
    } else {
      socket.unshift(first);
      serve(socket, state, 'tcp');
    }
  };

  const accept = (socket: Socket) => {
    // a peer that is already gone has no address any more
    const address = plainAddress(socket.remoteAddress ?? '');
    if (address === '' || !hasRoom(address)) {
      refused++;
      socket.destroy();
      return;
    }
    const name = nameOf(socket);
    const state: Connection = { address, lastMs: performance.now(), stream: socket };
    open.set(name, state);
    socket.setKeepAlive(true, 60_000);
    socket.once('data', (first) => begin(socket, state, first));
    // 'close' follows, and with it the end of what was received
    socket.on('error', () => {});
    socket.on('close', () => {
      if (open.get(name) === state) open.delete(name);
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
    failedHandshakes: () => failed,
    setTls(setup) {
      if (setup === undefined) {
        tls = undefined;
        return;
      }
      const secure = createTlsServer({ ...setup.options, handshakeTimeout: HANDSHAKE_MS }, (stream) => {
        const state = open.get(nameOf(stream));
        if (state === undefined) stream.destroy();
        else serve(stream, state, 'tls');
      });
      secure.on('tlsClientError', (error, stream) => {
        failed++;
        onError(`TLS with ${plainAddress(stream.remoteAddress ?? 'a sender that is gone')} failed: ${error.message}`);
        stream.destroy();
      });
      tls = { server: secure, only: setup.only };
    },
    async drain(maxMs) {
      server.close();
      // our FIN tells the sender to stop; what it sent before that is still read
      for (const { stream } of open.values()) stream.end();
      await untilQuiet(() => lastMs, maxMs, { quietMs: QUIET_MS, isOver: () => open.size === 0 });
      const closing = [...open.values()].map(({ stream }) => new Promise((done) => stream.once('close', done)));
      for (const { stream } of open.values()) stream.destroy();
      await Promise.all(closing);
    },
  };
}

/** The same for a socket and for the TLS stream in it. */
const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
