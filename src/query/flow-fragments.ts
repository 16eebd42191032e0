// Later fragments have no ports: they belong to a flow by the identification that their first fragment had.
import { W_PROTO, W_SRC } from '../pcap/key-words.ts';
import type { PacketKeyReader } from '../pcap/packet-key.ts';

/** A datagram is put together within this time, or never (RFC 1122 and RFC 8200 say 60 s). */
const TOGETHER_NS = 60e9;

export class FlowFragments {
  /** when the first fragments came, in nanoseconds since 1970, by sender, protocol and identification */
  readonly #times = new Map<string, number[]>();

  get size(): number {
    return this.#times.size;
  }

  /** Notes a packet of the flow. */
  note(keys: PacketKeyReader, timeNs: number): void {
    if (keys.fragmentId < 0) return;
    const name = nameOf(keys);
    const times = this.#times.get(name);
    if (times === undefined) this.#times.set(name, [timeNs]);
    else times.push(timeNs);
  }

  /** Whether a later fragment belongs to a datagram of the flow. */
  has(keys: PacketKeyReader, timeNs: number): boolean {
    if (this.#times.size === 0) return false;
    return this.#times.get(nameOf(keys))?.some((first) => Math.abs(first - timeNs) <= TOGETHER_NS) ?? false;
  }
}

function nameOf({ words, fragmentId }: PacketKeyReader): string {
  return `${words.subarray(W_SRC, W_SRC + 8).join()},${words[W_PROTO] >>> 24},${fragmentId}`;
}
