// Says who asks: a member of the group mss on the socket, or the account behind a session. Checks passwords.
import type { Peer } from '../../api/peer.ts';
import { LoginGuard } from './login-guard.ts';
import { type Session, Sessions } from './sessions.ts';

export interface Who {
  name: string;
  /** may download packets */
  packets: boolean;
}

export interface KnownAccount extends Who {
  hash: string;
}

/** Where accounts come from, and how a password is held against a hash. */
export interface AccountStore {
  /** another number after every change */
  version(): number;
  read(): KnownAccount[];
  verify(password: string, hash: string): Promise<boolean>;
  /** a hash that no password fits */
  noPassword: string;
}

export type LoginResult = { token: string; who: Who } | { refused: 'wrong' } | { refused: 'wait'; waitMs: number };

/** Hashing takes 32 MB each: more at once would only take memory from the rest. */
const CHECKS_WAITING = 8;

export class Authority {
  readonly #store: AccountStore;
  readonly #sessions = new Sessions();
  readonly #guard = new LoginGuard();
  #accounts: KnownAccount[] = [];
  #version = -1;
  #checking: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(store: AccountStore) {
    this.#store = store;
  }

  /** Who asks, or undefined for nobody we know. @param use whether this keeps the session from going idle */
  identify(peer: Peer, token: string | undefined, use = true): Who | undefined {
    // All services are in that group; those that may read the packet log are in another, and need no portal for it.
    if (peer.kind === 'socket') return { name: 'console', packets: false };
    const session = token === undefined ? undefined : this.#sessions.find(token, Date.now(), use);
    return session === undefined ? undefined : this.#whoOf(session);
  }

  async login(peer: Peer, name: string, password: string): Promise<LoginResult> {
    const address = peer.kind === 'network' ? peer.address : 'socket';
    const waitMs = this.#guard.waitMs(address, name, Date.now());
    if (waitMs > 0) return { refused: 'wait', waitMs };
    if (this.#waiting >= CHECKS_WAITING) return { refused: 'wait', waitMs: 1000 };
    const account = this.#find(name);
    if (!(await this.#check(password, account?.hash ?? this.#store.noPassword)) || account === undefined) {
      this.#guard.failed(address, name, Date.now());
      return { refused: 'wrong' };
    }
    this.#guard.succeeded(address, name);
    return { token: this.#sessions.begin(account, Date.now()), who: { name, packets: account.packets } };
  }

  logout(token: string): void {
    this.#sessions.end(token);
  }

  hasAccounts(): boolean {
    return this.#current().length > 0;
  }

  #whoOf(session: Session): Who | undefined {
    const account = this.#find(session.name);
    if (account === undefined || account.hash !== session.hash) return undefined;
    return { name: account.name, packets: account.packets };
  }

  #find(name: string): KnownAccount | undefined {
    return this.#current().find((account) => account.name === name);
  }

  #current(): KnownAccount[] {
    const version = this.#store.version();
    if (version !== this.#version) {
      this.#accounts = this.#store.read();
      this.#version = version;
    }
    return this.#accounts;
  }

  #check(password: string, hash: string): Promise<boolean> {
    this.#waiting++;
    const done = this.#checking.then(() => this.#store.verify(password, hash)).finally(() => this.#waiting--);
    this.#checking = done.catch(() => {});
    return done;
  }
}
