// Requests over a unix socket: one JSON line in, JSON lines out, then the end. Both sides; knows no job.
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { MssError, messageOf } from '../errors.ts';

const LINE_BYTES = 2 ** 20;
const LINE_WITHIN_MS = 10_000;
const CONNECTIONS = 16;

export interface LineServer {
  close(): Promise<void>;
}

/** Reads up to the first newline. @throws MssError 'input' when there is none within bounds */
function readLine(socket: Socket, lineBytes: number, withinMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const fail = (text: string) => finish(() => reject(new MssError('input', text)));
    const timer = setTimeout(() => fail(`no complete line within ${withinMs / 1000} s`), withinMs);
    const onData = (chunk: Buffer) => {
      const end = chunk.indexOf(10);
      chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
      bytes += chunks[chunks.length - 1].length;
      if (bytes > lineBytes) fail(`a line may have ${lineBytes} bytes`);
      else if (end >= 0) finish(() => resolve(Buffer.concat(chunks).toString()));
    };
    const onEnd = () => fail('the line has no end');
    const finish = (then: () => void) => {
      clearTimeout(timer);
      socket.off('data', onData);
      socket.off('end', onEnd);
      socket.off('close', onEnd);
      socket.resume(); // what else comes is thrown away
      then();
    };
    socket.on('data', onData);
    socket.on('end', onEnd);
    socket.on('close', onEnd);
  });
}

/**
 * Serves requests on the socket `file`, made anew with mode 0660 and the given group.
 * @param answer gets the line and a function that sends one record; the connection ends when it settles.
 *   What it throws is sent as `{type: 'error', code, text}`.
 */
export async function serveLines(
  file: string,
  options: { groupId?: number; lineBytes?: number; lineWithinMs?: number; connections?: number },
  answer: (line: string, send: (record: object) => void) => Promise<void>,
): Promise<LineServer> {
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {}); // the asker went away; the job goes on
    const send = (record: object) => {
      if (socket.writable) socket.write(`${JSON.stringify(record)}\n`);
    };
    readLine(socket, options.lineBytes ?? LINE_BYTES, options.lineWithinMs ?? LINE_WITHIN_MS)
      .then((line) => answer(line, send))
      .catch((error) => {
        send({ type: 'error', code: error instanceof MssError ? error.code : 'io', text: messageOf(error) });
      })
      .finally(() => socket.end());
  });
  server.maxConnections = options.connections ?? CONNECTIONS;
  // Until the chmod below only its owner may write to it, which is what connecting takes (umask 022 or stricter).
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new MssError('io', `cannot listen on ${file}: ${cause.message}`)));
    server.listen(file, resolve);
  });
  if (options.groupId !== undefined) chownSync(file, -1, options.groupId);
  chmodSync(file, 0o660);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/**
 * Sends one record to the socket `file` and yields what comes back.
 * @throws MssError 'control' when nobody listens there, or the connection breaks
 */
export async function* askLines(file: string, request: object): AsyncGenerator<unknown> {
  const socket = createConnection(file);
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    let rest = '';
    for await (const chunk of socket.setEncoding('utf8')) {
      rest += chunk;
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        yield JSON.parse(rest.slice(0, end));
        rest = rest.slice(end + 1);
      }
      if (rest.length > LINE_BYTES) throw new MssError('control', `${file}: an answer without end`);
    }
  } catch (cause) {
    if (cause instanceof MssError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    const why =
      code === 'EACCES'
        ? 'only root and the services may ask; log in as root'
        : code === 'ENOENT' || code === 'ECONNREFUSED'
          ? 'mss-control is not running; start it with "systemctl start mss-control", see "mss status"'
          : messageOf(cause);
    throw new MssError('control', `no answer from ${file}: ${why}`, { cause });
  } finally {
    socket.destroy();
  }
}
