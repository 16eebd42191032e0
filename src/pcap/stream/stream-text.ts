// What two ends said to each other, as text: payload of TCP in order of sequence numbers, of UDP as it comes.
// For reading, not for evidence: bytes that are no text show as dots, and what is missing is said.
import { formatAddress } from '../net/address.ts';
import { HAS_IPV6, HAS_PORTS, swap16, W_DST, W_KIND, W_PORTS, W_PROTO, W_SRC } from './key-words.ts';
import type { CapturedPacket } from './packet.ts';
import { PacketKeyReader } from './packet-key.ts';

/** Segments that came early wait for those before them, up to this many of a direction. */
const MOST_WAITING = 1000;
const MOST_DIRECTIONS = 10_000;
/** Of all directions together: a sender of segments out of order must not fill the memory. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

interface Direction {
  /** `10.0.0.1:4000 > 192.0.2.1:80 tcp` */
  name: string;
  nextSequence: number | undefined;
  waiting: Map<number, Uint8Array>;
}

/** Takes packets in order of time and gives the text as it becomes complete. */
export class StreamText {
  readonly #directions = new Map<string, Direction>();
  #room = new Uint8Array(64 * 1024);
  #keys = new PacketKeyReader(this.#room.buffer);
  #lastName = '';
  #waitingBytes = 0;
  /** directions beyond the bound, whose packets were left out */
  skippedPackets = 0;

  /** The text that this packet completes; empty for one without payload. */
  add(packet: CapturedPacket): string {
    const payload = this.#readPayload(packet);
    if (payload === undefined) return '';
    const { words } = this.#keys;
    const direction = this.#directionOf(words);
    if (direction === undefined) {
      this.skippedPackets++;
      return '';
    }
    if (words[W_PROTO] >>> 24 !== 6) return this.#show(direction, payload.bytes);
    return this.#addSegment(direction, payload.sequence, payload.bytes);
  }

  /** What still waits for bytes that never came. */
  end(): string {
    return [...this.#directions.values()].map((direction) => this.#giveUpWaiting(direction)).join('');
  }

  #readPayload(packet: CapturedPacket): { bytes: Uint8Array; sequence: number } | undefined {
    if (packet.data.length > this.#room.length) {
      this.#room = new Uint8Array((packet.data.length + 1) & ~1);
      this.#keys = new PacketKeyReader(this.#room.buffer);
    }
    this.#room.set(packet.data);
    this.#keys.read(0, packet.data.length, packet.linkType);
    const { words, transportAt: at, transportEnd: end } = this.#keys;
    if ((words[W_KIND] & HAS_PORTS) === 0) return undefined;
    const proto = words[W_PROTO] >>> 24;
    const isTcp = proto === 6;
    const headerBytes = isTcp ? (this.#room[at + 12] >> 4) * 4 : proto === 17 ? 8 : 12;
    if (at + headerBytes > end) return undefined;
    const view = new DataView(this.#room.buffer);
    const syn = isTcp && (this.#room[at + 13] & 2) !== 0 ? 1 : 0; // a SYN takes one sequence number itself
    const sequence = isTcp ? (view.getUint32(at + 4) + syn) >>> 0 : 0;
    return { bytes: this.#room.slice(at + headerBytes, end), sequence };
  }

  #directionOf(words: Uint32Array): Direction | undefined {
    const bytes = new Uint8Array(words.buffer);
    const address = (at: number) =>
      formatAddress(bytes.slice((words[W_KIND] & HAS_IPV6) !== 0 ? at * 4 : at * 4 + 12, at * 4 + 16));
    const end = (at: number, port: number) => `${address(at)}:${swap16(port)}`;
    const proto = { 6: 'tcp', 17: 'udp' }[words[W_PROTO] >>> 24] ?? 'sctp';
    const name = `${end(W_SRC, words[W_PORTS] & 0xffff)} > ${end(W_DST, words[W_PORTS] >>> 16)} ${proto}`;
    const known = this.#directions.get(name);
    if (known !== undefined || this.#directions.size >= MOST_DIRECTIONS) return known;
    const added: Direction = { name, nextSequence: undefined, waiting: new Map() };
    this.#directions.set(name, added);
    return added;
  }

  #addSegment(direction: Direction, sequence: number, bytes: Uint8Array): string {
    direction.nextSequence ??= sequence;
    if (bytes.length === 0) return '';
    // sequence numbers wrap: the difference, as a signed number, tells before from after
    if (((sequence - direction.nextSequence) | 0) > 0) {
      this.#waitingBytes += bytes.length - (direction.waiting.get(sequence)?.length ?? 0);
      direction.waiting.set(sequence, bytes);
      const tooMuch = direction.waiting.size > MOST_WAITING || this.#waitingBytes > MOST_WAITING_BYTES;
      return tooMuch ? this.#giveUpWaiting(direction) : '';
    }
    return this.#take(direction, sequence, bytes) + this.#takeWaiting(direction);
  }

  #take(direction: Direction, sequence: number, bytes: Uint8Array): string {
    const seen = (direction.nextSequence! - sequence) | 0;
    if (seen >= bytes.length) return ''; // sent again
    direction.nextSequence = (sequence + bytes.length) >>> 0;
    return this.#show(direction, bytes.subarray(seen));
  }

  #takeWaiting(direction: Direction): string {
    let text = '';
    for (const [sequence, bytes] of inOrder(direction)) {
      if (((sequence - direction.nextSequence!) | 0) > 0) break;
      direction.waiting.delete(sequence);
      this.#waitingBytes -= bytes.length;
      text += this.#take(direction, sequence, bytes);
    }
    return text;
  }

  #giveUpWaiting(direction: Direction): string {
    let text = '';
    for (const [sequence, bytes] of inOrder(direction)) {
      this.#waitingBytes -= bytes.length;
      const missing = (sequence - direction.nextSequence!) | 0;
      if (missing > 0) {
        text += this.#show(direction, Buffer.from(`\n[${missing} bytes missing]\n`));
        direction.nextSequence = sequence;
      }
      text += this.#take(direction, sequence, bytes);
    }
    direction.waiting.clear();
    return text;
  }

  #show(direction: Direction, bytes: Uint8Array): string {
    if (bytes.length === 0) return '';
    const head = direction.name === this.#lastName ? '' : `\n--- ${direction.name}\n`;
    this.#lastName = direction.name;
    return (
      head +
      Buffer.from(bytes)
        .toString('latin1')
        .replaceAll('\r\n', '\n')
        .replaceAll(/[^\n\t\x20-\x7e]/g, '.')
    );
  }
}

function inOrder(direction: Direction): [number, Uint8Array][] {
  const from = direction.nextSequence!;
  return [...direction.waiting].sort(([a], [b]) => ((a - from) | 0) - ((b - from) | 0));
}
