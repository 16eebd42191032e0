// Puts the fragments of UDP datagrams together (RFC 791, RFC 8200), in whatever order they come. Bounded in number, size
// and time: fragments of datagrams to other ports look like ours until their first one is seen.
import { type DatagramPart, destinationPort } from './read-datagram.ts';

const MAX_DATAGRAMS = 256;
const MAX_DATAGRAM_BYTES = 65_535;
const MAX_BYTES = 4 << 20;
const MAX_PIECES = 64;
// as long as Linux waits
const TOGETHER_MS = 30_000;

interface Parts {
  pieces: Map<number, Buffer>;
  bytes: number;
  /** known once the last fragment came */
  totalBytes: number | undefined;
  /** its first fragment came, and it is to one of the ports */
  isWanted: boolean;
  sinceMs: number;
}

export class FragmentTable {
  /** datagrams to the ports that were never whole */
  brokenDatagrams = 0;
  readonly #ports: ReadonlySet<number>;
  /** oldest first */
  readonly #open = new Map<string, Parts>();
  #bytes = 0;

  constructor(ports: Iterable<number>) {
    this.#ports = new Set(ports);
  }

  get size(): number {
    return this.#open.size;
  }

  /** Takes a fragment; its bytes are copied. @returns the whole datagram where this was the one that lacked */
  add(part: DatagramPart & Required<Pick<DatagramPart, 'fragment'>>, nowMs: number): DatagramPart | undefined {
    this.expire(nowMs);
    const { source, destination, bytes, fragment } = part;
    const { id, offsetBytes, isLast } = fragment;
    const key = `${source} ${destination} ${id}`;
    if (offsetBytes === 0 && !this.#ports.has(destinationPort(bytes))) {
      this.#remove(key); // what came before its first fragment
      return undefined;
    }
    const parts = this.#open.get(key) ?? this.#begin(key, nowMs);
    if (parts.pieces.get(offsetBytes)?.equals(bytes)) return undefined; // the mirror showed it twice
    parts.isWanted ||= offsetBytes === 0;
    const endsAt = offsetBytes + bytes.length;
    if (isLast) parts.totalBytes = endsAt;
    const isOdd = parts.pieces.has(offsetBytes) || parts.pieces.size >= MAX_PIECES || endsAt > MAX_DATAGRAM_BYTES;
    if (isOdd || parts.bytes + bytes.length > (parts.totalBytes ?? MAX_DATAGRAM_BYTES)) {
      this.#giveUp(key, parts); // overlapping ones are an attack (RFC 5722)
      return undefined;
    }
    parts.pieces.set(offsetBytes, Buffer.from(bytes));
    parts.bytes += bytes.length;
    this.#bytes += bytes.length;
    if (parts.bytes === parts.totalBytes) {
      this.#remove(key);
      const whole = join(parts.pieces);
      if (whole === undefined) this.brokenDatagrams++;
      return whole && { source, destination, bytes: whole };
    }
    this.#makeRoom(key);
    return undefined;
  }

  /** Gives up what was not whole in time. */
  expire(nowMs: number): void {
    for (const [key, parts] of this.#open) {
      if (Math.abs(nowMs - parts.sinceMs) <= TOGETHER_MS) return;
      this.#giveUp(key, parts);
    }
  }

  #begin(key: string, nowMs: number): Parts {
    const parts = { pieces: new Map(), bytes: 0, totalBytes: undefined, isWanted: false, sinceMs: nowMs };
    this.#open.set(key, parts);
    return parts;
  }

  /** Those of which nobody knows yet whether they are ours go first. */
  #makeRoom(except: string): void {
    while (this.#open.size > MAX_DATAGRAMS || this.#bytes > MAX_BYTES) {
      const others = [...this.#open].filter(([key]) => key !== except);
      const [key, parts] = others.find(([, { isWanted }]) => !isWanted) ?? others[0];
      this.#giveUp(key, parts);
    }
  }

  #giveUp(key: string, { isWanted }: Parts): void {
    if (isWanted) this.brokenDatagrams++;
    this.#remove(key);
  }

  #remove(key: string): void {
    this.#bytes -= this.#open.get(key)?.bytes ?? 0;
    this.#open.delete(key);
  }
}

/** Undefined where the pieces do not lie one behind the other. */
function join(pieces: ReadonlyMap<number, Buffer>): Buffer | undefined {
  let endsAt = 0;
  const inOrder = [...pieces].sort(([a], [b]) => a - b);
  for (const [offsetBytes, bytes] of inOrder) {
    if (offsetBytes !== endsAt) return undefined;
    endsAt += bytes.length;
  }
  return Buffer.concat(inOrder.map(([, bytes]) => bytes));
}
