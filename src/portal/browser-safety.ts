// What keeps other web sites out: names we answer to, same origin for everything that acts, and headers that let a
// page run its own script only. (Fetch metadata, Content Security Policy Level 3.)
import type { ApiError } from '../api/errors.ts';
import type { Peer } from '../api/peer.ts';
import { parseAddressOrNothing } from '../net/address.ts';

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** Requests that act carry this header; no form and no link of another site can. */
export const ACTION_HEADER = 'x-mss';

export function setAnswerHeaders(headers: Headers, path: string): void {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) headers.set(name, value);
  if (path.startsWith('/api/')) headers.set('cache-control', 'no-store');
}

/**
 * Why a request is refused before anything looks at it, or undefined.
 * @param hostNames names of this machine; a name it does not know may be another site's that points here
 *   (DNS rebinding), an address is its own
 */
export function checkRequest(request: Request, peer: Peer, hostNames: readonly string[]): ApiError | undefined {
  if (peer.kind === 'socket') return undefined;
  const host = request.headers.get('host') ?? '';
  const name = hostOf(host);
  if (name === undefined || !isOurs(name, hostNames)) {
    return {
      code: 'forbidden',
      message: `this sensor does not answer to "${host.slice(0, 100)}"; open it by its address or as ${hostNames[0]}`,
    };
  }
  const origin = request.headers.get('origin');
  if (request.headers.get('sec-fetch-site') === 'cross-site' || (origin !== null && origin !== `https://${host}`)) {
    return { code: 'forbidden', message: 'requests of other web sites are refused' };
  }
  if (request.method !== 'GET' && request.method !== 'HEAD' && request.headers.get(ACTION_HEADER) === null) {
    return { code: 'forbidden', message: `requests that act need the header ${ACTION_HEADER}: 1` };
  }
  return undefined;
}

/** Host of a Host header, without its port. */
function hostOf(header: string): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+))(?::\d{1,5})?$/.exec(header);
  return match?.[1] ?? match?.[2];
}

function isOurs(name: string, hostNames: readonly string[]): boolean {
  if (parseAddressOrNothing(name) !== undefined) return true;
  const asked = name.toLowerCase();
  return hostNames.some((ours) => asked === ours.toLowerCase() || asked.startsWith(`${ours.toLowerCase()}.`));
}
