// One bounded download over HTTP, with ETag and proxy. Node's own fetch; redirects are followed by it.
import { setGlobalProxyFromEnv } from 'node:http';
import { MssError, messageOf } from '../errors.ts';

const MAX_BYTES = 128 << 20;
const TIMEOUT_MS = 5 * 60_000;

export interface Fetched {
  /** undefined: unchanged since `etag` */
  bytes?: Uint8Array;
  etag?: string;
}

/**
 * Fetches a URL whole.
 * @param options.etag of the copy at hand; the server may then answer "unchanged"
 * @param options.proxy like http://192.0.2.3:3128; empty: none
 * @throws MssError 'network' naming the URL and what went wrong
 */
export async function fetchBytes(url: string, options: { etag?: string; proxy?: string } = {}): Promise<Fetched> {
  return withProxy(options.proxy ?? '', () => fetchWhole(url, options.etag));
}

/** Runs `ask` with all of this process's requests going through `proxy` (empty: directly). */
export async function withProxy<T>(proxy: string, ask: () => Promise<T>): Promise<T> {
  const restore = proxy === '' ? undefined : setGlobalProxyFromEnv({ http_proxy: proxy, https_proxy: proxy });
  try {
    return await ask();
  } finally {
    restore?.();
  }
}

async function fetchWhole(url: string, etag: string | undefined): Promise<Fetched> {
  try {
    const response = await fetch(url, {
      headers: etag === undefined ? {} : { 'if-none-match': etag },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 304) return {};
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
      chunks.push(chunk);
    }
    return { bytes: Buffer.concat(chunks), etag: response.headers.get('etag') ?? undefined };
  } catch (cause) {
    const inner = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
    throw new MssError('network', `cannot fetch ${url}: ${messageOf(cause)}${inner}`, { cause });
  }
}
