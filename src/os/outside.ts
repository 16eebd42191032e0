// The ways out that a question about an address takes: DNS, https and whois. All of them bounded in time and length.
import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { MssError, messageOf } from '../errors.ts';
import { withProxy } from './fetch.ts';

const MOST_BYTES = 256 << 10;
const NO_NAME = new Set(['ENOTFOUND', 'ENODATA']);

/** @param proxy for https, like http://192.0.2.3:3128; empty: none */
export const waysOutside = (proxy: () => string) => ({
  reverse,
  fetchText: (url: string, signal: AbortSignal) => withProxy(proxy(), () => fetchText(url, signal)),
  askLine,
});

async function reverse(address: string, signal: AbortSignal): Promise<string[]> {
  const resolver = new Resolver();
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await resolver.reverse(address);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (NO_NAME.has(code)) return [];
    throw new MssError('network', `DNS has no answer about ${address}: ${code}`, { cause });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  try {
    const answer = await fetch(url, { signal, headers: { accept: 'application/rdap+json' } });
    if (!answer.url.startsWith('https:')) throw new Error(`it leads to ${answer.url}, which is not encrypted`);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return await readBounded(answer.body ?? []);
  } catch (cause) {
    const inner = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
    throw new MssError('network', `cannot ask ${url}: ${messageOf(cause)}${inner}`, { cause });
  }
}

async function askLine(host: string, port: number, line: string, signal: AbortSignal): Promise<string> {
  const socket = connect({ host, port, signal });
  try {
    socket.end(`${line}\r\n`);
    return await readBounded(socket);
  } catch (cause) {
    const why = signal.aborted ? 'no answer in time' : messageOf(cause);
    throw new MssError('network', `cannot ask ${host} on tcp ${port}: ${why}`, { cause });
  } finally {
    socket.destroy();
  }
}

async function readBounded(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`the answer is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
