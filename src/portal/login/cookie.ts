// The session's cookie. `__Host-` binds it to this host, over TLS, on all its ports (RFC 6265bis, section 4.1.3.2).
import { LONGEST_MS } from './sessions.ts';

export const COOKIE = '__Host-mss';

export function readToken(cookieHeader: string | undefined): string | undefined {
  for (const pair of cookieHeader?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=');
    if (name === COOKIE && /^[A-Za-z0-9_-]{43}$/.test(value ?? '')) return value;
  }
  return undefined;
}

/** Not readable by scripts, never sent along by other sites. */
export const renderCookie = (token: string): string =>
  `${COOKIE}=${token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${LONGEST_MS / 1000}`;
export const renderNoCookie = (): string => `${COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;
