// The ports of the pages: opened in server mode, closed in client mode, on a certificate that follows the machine.
import { MssError, messageOf } from '../errors.ts';

/** Flows (3000), events (3001), packets (3002), tunnel side (3003): one application on all of them. */
export const PAGE_PORTS = [3001, 3000, 3002, 3003] as const;

export interface PageIdentity {
  key: string;
  certificate: string;
  fingerprint: string;
}

export interface PageServer {
  port: number | undefined;
  renew(identity: PageIdentity): void;
  close(): Promise<void>;
}

export interface PagesOptions {
  ports: readonly number[];
  open(port: number, identity: PageIdentity): Promise<PageServer>;
  loadIdentity(): Promise<PageIdentity>;
  /** a port that another program has, for one */
  warn(text: string): void;
}

export class Pages {
  readonly #options: PagesOptions;
  #servers = new Map<number, PageServer>();
  #identity: PageIdentity | undefined;

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  get fingerprint(): string | undefined {
    return this.#identity?.fingerprint;
  }

  /** Ports as they are really bound. */
  get ports(): number[] {
    return [...this.#servers].map(([asked, server]) => server.port ?? asked);
  }

  /** Opens or closes what `serverMode` asks for, and takes over a renewed certificate. Ports that fail are tried again by the next call. */
  async follow(serverMode: boolean): Promise<void> {
    if (!serverMode) {
      await this.close();
      return;
    }
    const identity = await this.#options.loadIdentity();
    if (this.#identity !== undefined && this.#identity.fingerprint !== identity.fingerprint) {
      for (const server of this.#servers.values()) server.renew(identity);
    }
    this.#identity = identity;
    for (const port of this.#options.ports) {
      if (this.#servers.has(port)) continue;
      try {
        this.#servers.set(port, await this.#options.open(port, identity));
      } catch (error) {
        if (!(error instanceof MssError)) throw error;
        this.#options.warn(messageOf(error));
      }
    }
  }

  async close(): Promise<void> {
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    await Promise.all(servers.map((server) => server.close()));
  }
}
