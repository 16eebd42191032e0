// Reads the plain bytes of an encrypted file (sealed-format.ts) from any place: a slot is fetched and opened at a time.
// What does not open ends there, as if the file ended: its readers know what to say of that.
import type { ReadAt } from '../read-at.ts';
import {
  openRun,
  PAGE_BYTES,
  PAGE_PLAIN_BYTES,
  readRunHead,
  type SealedName,
  SLOT_BYTES,
  SLOT_PAGES,
  SLOT_PLAIN_BYTES,
} from './sealed-format.ts';

/** A page that its writer is sealing anew may be read half old, half new: it is whole some milliseconds later. */
const TRIES = 10;
const TRY_AGAIN_MS = 2;
/** 1 MB: a query of one segment goes to and fro between a few places of its index */
const SLOTS_KEPT = 16;
/** A slot as it is in the file; nobody needs it for longer than it takes to open it. */
const fetched = new Uint8Array(SLOT_BYTES);
const clock = new Int32Array(new SharedArrayBuffer(4));

interface Slot {
  number: number;
  plain: Uint8Array;
  plainBytes: number;
  /** whether the file says that it ends here */
  final: boolean;
  /** it begins with what is there, and does not open */
  damaged: boolean;
}

export class SealedReader {
  readonly #readRaw: ReadAt;
  readonly #rawBytes: () => number;
  readonly #tries: number;
  readonly #key: Uint8Array;
  readonly #name: SealedName;
  /** those that will not change, the oldest first */
  readonly #slots = new Map<number, Slot>();

  /**
   * @param rawBytes the encrypted file's length.
   * @param live it is still being written: it may grow, and its last page may be in its writer's hands.
   */
  constructor(readRaw: ReadAt, rawBytes: () => number, live: boolean, key: Uint8Array, name: SealedName) {
    this.#readRaw = readRaw;
    this.#rawBytes = rawBytes;
    this.#tries = live ? TRIES : 1;
    this.#key = key;
    this.#name = name;
  }

  /** Plain bytes as far as the file goes now; of what does not open at its end, none. */
  get bytes(): number {
    const slot = this.#fetch(this.#lastSlot());
    return slot.number * SLOT_PLAIN_BYTES + slot.plainBytes;
  }

  /** Whether its writer came to the end: false for one that is still being written, too. */
  get isWhole(): boolean {
    return this.#fetch(this.#lastSlot()).final;
  }

  /** Reads plain bytes; fewer than asked for where the file ends, or does not open. */
  readonly readAt: ReadAt = (target, position) => {
    let done = 0;
    while (done < target.length) {
      const at = position + done;
      const number = Math.floor(at / SLOT_PLAIN_BYTES);
      const offset = at - number * SLOT_PLAIN_BYTES;
      const { plain, plainBytes } = this.#fetch(number);
      if (offset >= plainBytes) break;
      const part = plain.subarray(offset, Math.min(plainBytes, offset + target.length - done));
      target.set(part, done);
      done += part.length;
    }
    return done;
  };

  #lastSlot(): number {
    return Math.max(0, Math.ceil((this.#rawBytes() - PAGE_BYTES) / SLOT_BYTES) - 1);
  }

  #fetch(number: number): Slot {
    const kept = this.#slots.get(number);
    if (kept !== undefined) return kept;
    for (let tries = 1; ; tries++) {
      const slot = this.#open(number);
      if (slot.plainBytes === SLOT_PLAIN_BYTES || slot.final) this.#keep(slot);
      if (!slot.damaged || number < this.#lastSlot() || tries === this.#tries) return slot;
      Atomics.wait(clock, 0, 0, TRY_AGAIN_MS);
    }
  }

  #keep(slot: Slot): void {
    if (this.#slots.size >= SLOTS_KEPT) this.#slots.delete(this.#slots.keys().next().value!);
    this.#slots.set(slot.number, slot);
  }

  #open(number: number): Slot {
    const got = this.#readRaw(fetched, PAGE_BYTES + number * SLOT_BYTES);
    const raw = fetched.subarray(0, got);
    const plain = Buffer.allocUnsafeSlow(SLOT_PLAIN_BYTES);
    const slot: Slot = { number, plain, plainBytes: 0, final: false, damaged: false };
    for (let page = 0; page * PAGE_BYTES < got; ) {
      const at = page * PAGE_BYTES;
      const head = readRunHead(raw, at);
      const target = plain.subarray(page * PAGE_PLAIN_BYTES);
      if (head === undefined || !openRun(raw, at, this.#key, this.#name, number * SLOT_PAGES + page, head, target)) {
        slot.damaged = true;
        break;
      }
      slot.plainBytes = page * PAGE_PLAIN_BYTES + head.plainBytes;
      slot.final = head.final;
      page += head.pages;
      if (head.plainBytes < head.pages * PAGE_PLAIN_BYTES) break;
    }
    return slot;
  }
}

/**
 * How much of an encrypted file is whole runs, as far as can be told without its key: what a power cut left behind that
 * is torn.
 */
export function wholeRunBytes(readRaw: ReadAt, rawBytes: number): number {
  const raw = new Uint8Array(SLOT_BYTES);
  for (let from = PAGE_BYTES; from < rawBytes; from += SLOT_BYTES) {
    const slot = raw.subarray(0, Math.min(readRaw(raw, from), rawBytes - from));
    for (let at = 0; at < SLOT_BYTES; ) {
      const head = readRunHead(slot, at);
      if (head === undefined) return from + at;
      at += head.pages * PAGE_BYTES;
    }
  }
  return Math.max(PAGE_BYTES, rawBytes);
}
