// What ends said to each other, in order: payload of TCP by sequence numbers, of everything else as it comes. Of a packet
// in a tunnel the inner one counts. Bounded: what waits too long or is too much is given as it is, and what is missing
// is told.
import { formatAddress } from '../../net/address.ts';
import { formatProtocol } from '../../net/protocol-number.ts';
import {
  HAS_IPV4,
  HAS_IPV6,
  HAS_PORTS,
  IN_TUNNEL,
  swap16,
  W_DST,
  W_KIND,
  W_PORTS,
  W_PROTO,
  W_SRC,
} from '../key-words.ts';
import type { CapturedPacket } from '../packet.ts';
import { PacketKeyReader } from '../packet-key.ts';

/** Segments that came early wait for those before them, up to this many of a direction. */
const MOST_WAITING = 1000;
const MOST_DIRECTIONS = 10_000;
/** Of all directions together: a sender of segments out of order must not fill the memory. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

/** One way of a conversation. */
export interface Direction {
  /** `10.0.0.1:4000 > 192.0.2.1:80 tcp` */
  name: string;
  /** the same text for both directions */
  flow: string;
  isTcp: boolean;
}

/** Bytes that follow those before them in the same direction. */
export interface Piece {
  direction: Direction;
  bytes: Uint8Array;
  /** bytes before these that were never seen */
  missingBytes: number;
  timeNs: bigint;
}

interface Assembly extends Direction {
  nextSequence: number | undefined;
  waiting: Map<number, { bytes: Uint8Array; timeNs: bigint }>;
}

/** Takes packets in order of time and gives payload as it becomes complete. */
export class StreamAssembler {
  readonly #directions = new Map<string, Assembly>();
  #room = new Uint8Array(64 * 1024);
  #keys = new PacketKeyReader(this.#room.buffer);
  #waitingBytes = 0;
  /** packets of directions beyond the bound, which were left out */
  skippedPackets = 0;

  /** What this packet completes; nothing for one without payload. */
  add(packet: CapturedPacket): Piece[] {
    const payload = this.#readPayload(packet);
    if (payload === undefined) return [];
    const direction = this.#directionOf(payload.words);
    if (direction === undefined) {
      this.skippedPackets++;
      return [];
    }
    const { bytes, sequence } = payload;
    const { timeNs } = packet;
    if (!direction.isTcp) return bytes.length === 0 ? [] : [{ direction, bytes, missingBytes: 0, timeNs }];
    return this.#addSegment(direction, sequence, bytes, timeNs);
  }

  /** What still waits for bytes that never came. */
  end(): Piece[] {
    return [...this.#directions.values()].flatMap((direction) => this.#giveUpWaiting(direction));
  }

  /** The conversation that a packet belongs to, as `flow` of its pieces; undefined where it has none. */
  flowOf(packet: CapturedPacket): string | undefined {
    const payload = this.#readPayload(packet);
    return payload === undefined ? undefined : nameOf(payload.words).flow;
  }

  #readPayload(packet: CapturedPacket): { words: Uint32Array; bytes: Uint8Array; sequence: number } | undefined {
    if (packet.data.length > this.#room.length) {
      this.#room = new Uint8Array((packet.data.length + 1) & ~1);
      this.#keys = new PacketKeyReader(this.#room.buffer);
    }
    this.#room.set(packet.data);
    const keys = this.#keys;
    keys.read(0, packet.data.length, packet.linkType);
    const inside = keys.count > 1 && (keys.inner[0][W_KIND] & IN_TUNNEL) !== 0;
    const words = inside ? keys.inner[0] : keys.words;
    const at = inside ? keys.innerTransportAt : keys.transportAt;
    const end = inside ? keys.innerTransportEnd : keys.transportEnd;
    if ((words[W_KIND] & (HAS_IPV4 | HAS_IPV6)) === 0 || at === 0) return undefined;
    const proto = words[W_PROTO] >>> 24;
    const headerBytes = headerLength(proto, (words[W_KIND] & HAS_PORTS) !== 0, this.#room[at + 12]);
    if (at + headerBytes > end) return undefined;
    const bytes = this.#room.slice(at + headerBytes, end);
    if (proto !== 6) return { words, bytes, sequence: 0 };
    const syn = (this.#room[at + 13] & 2) !== 0 ? 1 : 0; // a SYN takes one sequence number itself
    return { words, bytes, sequence: (new DataView(this.#room.buffer).getUint32(at + 4) + syn) >>> 0 };
  }

  #directionOf(words: Uint32Array): Assembly | undefined {
    const names = nameOf(words);
    const known = this.#directions.get(names.name);
    if (known !== undefined || this.#directions.size >= MOST_DIRECTIONS) return known;
    const isTcp = words[W_PROTO] >>> 24 === 6;
    const added: Assembly = { ...names, isTcp, nextSequence: undefined, waiting: new Map() };
    this.#directions.set(added.name, added);
    return added;
  }

  #addSegment(direction: Assembly, sequence: number, bytes: Uint8Array, timeNs: bigint): Piece[] {
    direction.nextSequence ??= sequence;
    if (bytes.length === 0) return [];
    // sequence numbers wrap: the difference, as a signed number, tells before from after
    if (((sequence - direction.nextSequence) | 0) > 0) {
      this.#waitingBytes += bytes.length - (direction.waiting.get(sequence)?.bytes.length ?? 0);
      direction.waiting.set(sequence, { bytes, timeNs });
      const tooMuch = direction.waiting.size > MOST_WAITING || this.#waitingBytes > MOST_WAITING_BYTES;
      return tooMuch ? this.#giveUpWaiting(direction) : [];
    }
    return [...take(direction, sequence, bytes, timeNs, 0), ...this.#takeWaiting(direction)];
  }

  #takeWaiting(direction: Assembly): Piece[] {
    if (direction.waiting.size === 0) return [];
    const pieces: Piece[] = [];
    for (const [sequence, { bytes, timeNs }] of inOrder(direction)) {
      if (((sequence - direction.nextSequence!) | 0) > 0) break;
      direction.waiting.delete(sequence);
      this.#waitingBytes -= bytes.length;
      pieces.push(...take(direction, sequence, bytes, timeNs, 0));
    }
    return pieces;
  }

  #giveUpWaiting(direction: Assembly): Piece[] {
    const pieces: Piece[] = [];
    for (const [sequence, { bytes, timeNs }] of inOrder(direction)) {
      this.#waitingBytes -= bytes.length;
      const missing = Math.max(0, (sequence - direction.nextSequence!) | 0);
      if (missing > 0) direction.nextSequence = sequence;
      pieces.push(...take(direction, sequence, bytes, timeNs, missing));
    }
    direction.waiting.clear();
    return pieces;
  }
}

function take(direction: Assembly, sequence: number, bytes: Uint8Array, timeNs: bigint, missingBytes: number): Piece[] {
  const seen = (direction.nextSequence! - sequence) | 0;
  if (seen >= bytes.length) return []; // sent again
  direction.nextSequence = (sequence + bytes.length) >>> 0;
  return [{ direction, bytes: bytes.subarray(seen), missingBytes, timeNs }];
}

function inOrder(direction: Assembly): [number, { bytes: Uint8Array; timeNs: bigint }][] {
  const from = direction.nextSequence!;
  return [...direction.waiting].sort(([a], [b]) => ((a - from) | 0) - ((b - from) | 0));
}

function headerLength(proto: number, hasPorts: boolean, offsetByte: number): number {
  if (!hasPorts) return 0;
  return proto === 6 ? (offsetByte >> 4) * 4 : proto === 17 ? 8 : 12;
}

function nameOf(words: Uint32Array): { name: string; flow: string } {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const v6 = (words[W_KIND] & HAS_IPV6) !== 0;
  const ports = (words[W_KIND] & HAS_PORTS) !== 0;
  const end = (at: number, port: number) => {
    const address = formatAddress(bytes.slice(v6 ? at * 4 : at * 4 + 12, at * 4 + 16));
    return ports ? `${address}:${swap16(port)}` : address;
  };
  const [src, dst] = [end(W_SRC, words[W_PORTS] & 0xffff), end(W_DST, words[W_PORTS] >>> 16)];
  const proto = formatProtocol(words[W_PROTO] >>> 24);
  return { name: `${src} > ${dst} ${proto}`, flow: `${src < dst ? `${src} ${dst}` : `${dst} ${src}`} ${proto}` };
}
