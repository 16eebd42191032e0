// One JSON document to one URL by POST, the way chat rooms and ticket systems take messages.
import { MssError, messageOf } from '../errors.ts';
import { withProxy } from './fetch.ts';

const TIMEOUT_MS = 30_000;

/**
 * @param proxy like http://192.0.2.3:3128; empty: none
 * @returns the status it answered
 * @throws MssError 'network' naming the URL's host (the rest of it may be a secret) and what went wrong
 */
export async function postJson(url: string, body: unknown, proxy: string): Promise<string> {
  try {
    const response = await withProxy(proxy, () =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }),
    );
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return `${response.status} ${response.statusText}`.trim();
  } catch (cause) {
    const inner = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
    throw new MssError('network', `webhook on ${new URL(url).host} failed: ${messageOf(cause)}${inner}`, { cause });
  }
}
