// Somebody outside who is asked about an address. Each is a small file beside this one; who-is.ts has the list.

export type Facts = Record<string, string>;

/** The ways out, given by src/os/outside.ts; each ends with the signal, and throws MssError 'network'. */
export interface Outside {
  /** names of an address, by DNS; none is an empty list */
  reverse(address: string, signal: AbortSignal): Promise<string[]>;
  /** body of an https answer of 200, up to 256 kB */
  fetchText(url: string, signal: AbortSignal): Promise<string>;
  /** all that a server says to one line, up to 256 kB */
  askLine(host: string, port: number, line: string, signal: AbortSignal): Promise<string>;
}

export interface Provider {
  name: string;
  /** @returns no facts where it knows nothing. @throws MssError 'network', 'input' for an answer that is none */
  ask(address: string, outside: Outside, signal: AbortSignal): Promise<Facts>;
}
