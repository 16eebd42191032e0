// The conversations that the wire showed lately, to be found again by the ends that a log line names. Bounded: what was
// touched longest ago goes first.
import { BoundedMap } from '../detect/bounded-map.ts';
import type { Conversation } from '../detect/log-detector.ts';
import { eventTimeUs, parseEveTime } from '../eve/parse.ts';
import type { EveRecord } from '../eve/record.ts';
import { canonicalAddress, parseAddressOrNothing } from '../net/address.ts';

/** A sender's clock, and what it writes when a conversation is over, may be off by this much. */
export const CLOCK_SLACK_US = 120 * 1_000_000;
// of one pair of addresses, or of one address and port
const MAX_PER_KEY = 32;

/** What a log line says of a conversation. */
export interface LoggedEnds {
  source: string;
  sourcePort?: number;
  destination?: string;
  destinationPort?: number;
}

interface Seen {
  conversation: Conversation;
  firstUs: number;
  lastUs: number;
}

export class Conversations {
  readonly #byKey: BoundedMap<Seen[]>;

  constructor(maxKeys = 100_000) {
    this.#byKey = new BoundedMap(maxKeys);
  }

  get evictedKeys(): number {
    return this.#byKey.evictedKeys;
  }

  /** Notes the conversation of a record. @returns the keys under which it is found, see {@link keysOf} */
  note(record: EveRecord, timeUs = eventTimeUs(record)): string[] {
    const { src_ip, src_port, dest_ip, dest_port, proto, community_id, flow_id } = record;
    // the engine's records are trusted to have a kind and a time, not to have these as they should be
    if (typeof src_ip !== 'string' || typeof dest_ip !== 'string' || flow_id === undefined) return [];
    const conversation = {
      src_ip: plain(src_ip),
      src_port,
      dest_ip: plain(dest_ip),
      dest_port,
      proto,
      community_id,
      flow_id,
    };
    const lastUs = parseEveTime(record.flow?.end ?? '') ?? parseEveTime(record.timestamp) ?? timeUs;
    const seen: Seen = { conversation, firstUs: timeUs, lastUs };
    const keys = keysOf({
      source: conversation.src_ip,
      sourcePort: src_port,
      destination: conversation.dest_ip,
    });
    for (const key of keys) this.#add(key, seen, record.event_type === 'flow');
    return keys;
  }

  /** The conversation between these ends that is closest in time; undefined where none was within the slack. */
  find(ends: LoggedEnds, timeUs: number): Conversation | undefined {
    let best: Seen | undefined;
    let bestUs = CLOCK_SLACK_US;
    for (const key of keysOf(ends)) {
      for (const seen of this.#byKey.get(key) ?? []) {
        const awayUs = Math.max(0, seen.firstUs - timeUs, timeUs - seen.lastUs);
        // of several that fit the newest: a port is used again
        if (awayUs > bestUs || !fits(seen.conversation, ends)) continue;
        if (best !== undefined && awayUs === bestUs && seen.firstUs < best.firstUs) continue;
        best = seen;
        bestUs = awayUs;
      }
    }
    return best?.conversation;
  }

  #add(key: string, seen: Seen, isFlow: boolean): void {
    const list = this.#byKey.take(key, () => []);
    const known = list.find(({ conversation }) => conversation.flow_id === seen.conversation.flow_id);
    if (known !== undefined) {
      known.firstUs = Math.min(known.firstUs, seen.firstUs);
      known.lastUs = Math.max(known.lastUs, seen.lastUs);
      // the client is first in a flow; an alert may name the answering end first
      if (isFlow) known.conversation = seen.conversation;
    } else {
      list.push({ ...seen });
      if (list.length > MAX_PER_KEY) list.shift();
    }
  }
}

/** What a conversation is looked up by: its client's address and port, and its two addresses. */
export function keysOf({ source, sourcePort, destination }: LoggedEnds): string[] {
  const keys: string[] = [];
  if (sourcePort !== undefined && sourcePort > 0) keys.push(`${source} ${sourcePort}`);
  if (destination !== undefined) keys.push([source, destination].sort().join(' '));
  return keys;
}

function fits({ src_ip, src_port, dest_ip, dest_port }: Conversation, ends: LoggedEnds): boolean {
  const same = (a: string, aPort: number | undefined, b: string, bPort: number | undefined) =>
    a === ends.source &&
    (ends.destination === undefined || b === ends.destination) &&
    (ends.sourcePort === undefined || aPort === ends.sourcePort) &&
    (ends.destinationPort === undefined || bPort === ends.destinationPort);
  return same(src_ip, src_port, dest_ip, dest_port) || same(dest_ip, dest_port, src_ip, src_port);
}

// Suricata writes IPv6 addresses out, log senders shorten them
export const plain = (address: string): string =>
  address.includes(':') && parseAddressOrNothing(address) !== undefined ? canonicalAddress(address) : address;
