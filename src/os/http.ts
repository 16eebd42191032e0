// HTTP at the edge: servers over TLS and over a unix socket for one fetch function, and the client of the socket.
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server as PlainServer, request } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { Peer } from '../api/peer.ts';
import { MssError, messageOf } from '../errors.ts';

export type Fetch = (request: Request, env: { peer: Peer }) => Response | Promise<Response>;

export interface TlsIdentity {
  /** PEM */
  key: string;
  certificate: string;
}

export interface HttpServer {
  port: number | undefined;
  renew(identity: TlsIdentity): void;
  /** Stops listening and ends what is still open. */
  close(): Promise<void>;
}

/** Per port: a browser opens six. */
const CONNECTIONS = 200;
const HEADERS_WITHIN_MS = 10_000;
const REQUEST_WITHIN_MS = 30_000;
const HEADER_BYTES = 16_384;
const LIMITS = { headersTimeout: HEADERS_WITHIN_MS, requestTimeout: REQUEST_WITHIN_MS, maxHeaderSize: HEADER_BYTES };

/**
 * Serves over TLS on all addresses (or `address`), IPv6 and IPv4.
 * @throws MssError 'network' when the port cannot be had
 */
export async function serveTls(
  fetch: Fetch,
  identity: TlsIdentity,
  port: number,
  address?: string,
): Promise<HttpServer> {
  const options = { ...LIMITS, handshakeTimeout: HEADERS_WITHIN_MS, minVersion: 'TLSv1.2' as const };
  const server = createTlsServer(
    { ...options, key: identity.key, cert: identity.certificate },
    listenerOf(fetch, (incoming) => ({ kind: 'network', address: plainAddress(incoming.socket.remoteAddress) })),
  );
  const closed = closer(server);
  await listen(server, { port, host: address }, `port ${port}`);
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : undefined,
    renew: (next) => server.setSecureContext({ key: next.key, cert: next.certificate, minVersion: options.minVersion }),
    close: closed,
  };
}

/**
 * Serves on the unix socket `file`, made anew with mode 0660; its group is that of its folder where that is setgid.
 * @throws MssError 'network'
 */
export async function serveUnixSocket(fetch: Fetch, file: string): Promise<HttpServer> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  rmSync(file, { force: true });
  const server = createServer(
    LIMITS,
    listenerOf(fetch, () => ({ kind: 'socket' })),
  );
  const closed = closer(server);
  await listen(server, { path: file }, file);
  chmodSync(file, 0o660);
  return { port: undefined, renew: () => {}, close: closed };
}

/**
 * Asks over the unix socket `file`.
 * @param path with its query, like `/api/alerts?limit=10`
 * @param sent makes it a POST with this body
 * @throws MssError 'io' when nobody answers there
 */
export function askUnixSocket(
  file: string,
  path: string,
  timeoutMs: number,
  sent?: string,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown) => {
      const code = (cause as NodeJS.ErrnoException).code;
      const why =
        code === 'EACCES'
          ? 'only root and members of the group mss may ask'
          : code === 'ENOENT' || code === 'ECONNREFUSED'
            ? 'mss-portal is not running; start it with "systemctl start mss-portal", see "mss status"'
            : messageOf(cause);
      reject(new MssError('io', `no answer from ${file}: ${why}`, { cause }));
    };
    const method = sent === undefined ? 'GET' : 'POST';
    const options = { socketPath: file, method, path, headers: { host: 'localhost' }, timeout: timeoutMs };
    const asked = request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      answer.on('error', refuse);
    });
    asked.on('timeout', () => asked.destroy(new Error(`nothing came within ${timeoutMs / 1000} s`)));
    asked.on('error', refuse);
    asked.end(sent);
  });
}

function listenerOf(fetch: Fetch, peerOf: (incoming: IncomingMessage) => Peer) {
  return getRequestListener((asked, env) => fetch(asked, { peer: peerOf(env.incoming as IncomingMessage) }), {
    overrideGlobalObjects: false,
  });
}

/** IPv4 as IPv4 although the socket is IPv6. */
function plainAddress(address: string | undefined): string {
  return (address ?? '?').replace(/^::ffff:(?=\d+\.)/, '');
}

async function listen(
  server: PlainServer | TlsServer,
  where: { port: number; host?: string } | { path: string },
  what: string,
): Promise<void> {
  server.maxConnections = CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new MssError('network', `cannot listen on ${what}: ${cause.message}`, { cause })),
    );
    server.listen(where, resolve);
  });
}

/** `server.close` waits for idle connections for ever. */
function closer(server: PlainServer | TlsServer): () => Promise<void> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
}
