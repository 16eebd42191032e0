// Who is logged in: random tokens, kept in memory as hashes only, with an idle and an absolute end.
import { createHash, randomBytes } from 'node:crypto';

const HOUR_MS = 3_600_000;
export const IDLE_MS = 2 * HOUR_MS;
export const LONGEST_MS = 12 * HOUR_MS;
const MOST_SESSIONS = 500;
const TOKEN_BYTES = 32;

export interface Session {
  name: string;
  /** the account as it was at the login: another password or a removed account ends the session */
  hash: string;
  startedMs: number;
  usedMs: number;
}

export class Sessions {
  readonly #byTokenHash = new Map<string, Session>();

  get size(): number {
    return this.#byTokenHash.size;
  }

  /** Begins a session and answers its token; above the limit the one unused for longest ends. */
  begin(account: { name: string; hash: string }, nowMs: number): string {
    for (const [key, session] of this.#byTokenHash) if (isOver(session, nowMs)) this.#byTokenHash.delete(key);
    if (this.#byTokenHash.size >= MOST_SESSIONS) {
      const [oldest] = [...this.#byTokenHash].reduce((a, b) => (a[1].usedMs <= b[1].usedMs ? a : b));
      this.#byTokenHash.delete(oldest);
    }
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const { name, hash } = account;
    this.#byTokenHash.set(keyOf(token), { name, hash, startedMs: nowMs, usedMs: nowMs });
    return token;
  }

  /** The session of a token, or undefined when there is none or it is over. @param use whether this counts as use */
  find(token: string, nowMs: number, use: boolean): Session | undefined {
    const session = this.#byTokenHash.get(keyOf(token));
    if (session === undefined) return undefined;
    if (isOver(session, nowMs)) {
      this.#byTokenHash.delete(keyOf(token));
      return undefined;
    }
    if (use) session.usedMs = nowMs;
    return session;
  }

  end(token: string): void {
    this.#byTokenHash.delete(keyOf(token));
  }
}

// a look at this process's memory, or a lookup's timing, gives no token away
const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64');

const isOver = (session: Session, nowMs: number): boolean =>
  nowMs - session.usedMs > IDLE_MS || nowMs - session.startedMs > LONGEST_MS;
