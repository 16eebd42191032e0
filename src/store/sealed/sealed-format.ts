// An encrypted file: of a segment, or of the index beside it. It is pcapng all the same, so that other programs skip
// what they cannot read, and say why:
//   first page   section header, whose comment names the keys; the file's own key, wrapped for each of them; padding
//   pages        4 KiB each, with PAGE_PLAIN_BYTES of the plain file: a place in that gives the place in this.
// Neighbouring pages are sealed as one run, which never goes over the end of a slot of SLOT_PAGES pages. A run is a block:
//   type, length; number of this write (the nonce); plain bytes, top bit: the file ends here; tag; ciphertext; length
// The page that is being filled is a run of its own, sealed anew whenever more is in it, each time with the next number.
// All numbers little-endian.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { TAG_BYTES } from './hpke.ts';

export const PAGE_BYTES = 4096;
export const SLOT_PAGES = 16;
export const SLOT_BYTES = SLOT_PAGES * PAGE_BYTES;
const RUN_BLOCK = 0x80000b1e;
const TAG_AT = 20;
const CIPHERTEXT_AT = TAG_AT + TAG_BYTES;
export const PAGE_PLAIN_BYTES = PAGE_BYTES - CIPHERTEXT_AT - 4;
export const SLOT_PLAIN_BYTES = SLOT_PAGES * PAGE_PLAIN_BYTES;
const FINAL = 0x80000000;
const AEAD = 'aes-256-gcm';

/** What a file is: its key opens nothing else. */
export interface SealedName {
  kind: 'segment' | 'index';
  /** of the segment */
  number: number;
}

/** Where a run lies, and what it says of itself. */
export interface RunPlace {
  /** of the file, the first behind the header being 0 */
  page: number;
  pages: number;
  plainBytes: number;
  /** the file ends with it */
  final: boolean;
}

export interface RunHead extends Omit<RunPlace, 'page'> {
  write: bigint;
}

/** How many bytes a finished file has for so many plain ones. */
export function sealedFileBytes(plainBytes: number): number {
  return PAGE_BYTES + (Math.floor(plainBytes / PAGE_PLAIN_BYTES) + 1) * PAGE_BYTES;
}

/** Whether an encrypted file of this length has so many plain bytes. One that was cut off may lack its last page. */
export function fitsSealed(fileBytes: number, plainBytes: number): boolean {
  const missing = sealedFileBytes(plainBytes) - fileBytes;
  return missing === 0 || (missing === PAGE_BYTES && plainBytes % PAGE_PLAIN_BYTES === 0);
}

/**
 * Seals a run.
 * @param target gets it at `at`: whole pages.
 * @param write must never have been given for this key.
 * @param parts the plain text, one behind the other.
 */
export function sealRun(
  target: Uint8Array,
  at: number,
  key: Uint8Array,
  name: SealedName,
  place: RunPlace,
  write: bigint,
  parts: readonly Uint8Array[],
): void {
  const bytes = place.pages * PAGE_BYTES;
  const view = new DataView(target.buffer, target.byteOffset + at, bytes);
  view.setUint32(0, RUN_BLOCK, true);
  view.setUint32(4, bytes, true);
  view.setBigUint64(8, write, true);
  view.setUint32(16, place.plainBytes + (place.final ? FINAL : 0), true);
  const cipher = createCipheriv(AEAD, key, nonceOf(write), { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(name, place));
  let to = at + CIPHERTEXT_AT;
  for (const part of parts) {
    target.set(cipher.update(part), to);
    to += part.length;
  }
  cipher.final();
  target.set(cipher.getAuthTag(), at + TAG_AT);
  target.fill(0, to, at + bytes - 4);
  view.setUint32(bytes - 4, bytes, true);
}

/** What stands at the beginning of a run; undefined where none begins, or not all of it is there. */
export function readRunHead(slot: Uint8Array, at: number): RunHead | undefined {
  if (at + PAGE_BYTES > slot.length) return undefined;
  const view = new DataView(slot.buffer, slot.byteOffset + at, slot.length - at);
  const bytes = view.getUint32(4, true);
  if (view.getUint32(0, true) !== RUN_BLOCK || bytes === 0 || bytes % PAGE_BYTES !== 0) return undefined;
  if (bytes > view.byteLength || view.getUint32(bytes - 4, true) !== bytes) return undefined;
  const pages = bytes / PAGE_BYTES;
  const word = view.getUint32(16, true);
  const plainBytes = word & ~FINAL;
  if (plainBytes > pages * PAGE_PLAIN_BYTES) return undefined;
  return { pages, plainBytes, final: word >= FINAL, write: view.getBigUint64(8, true) };
}

/** Opens a run into `target`. @returns whether it is what was sealed in this place */
export function openRun(
  slot: Uint8Array,
  at: number,
  key: Uint8Array,
  name: SealedName,
  page: number,
  head: RunHead,
  target: Uint8Array,
): boolean {
  const decipher = createDecipheriv(AEAD, key, nonceOf(head.write), { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(name, { ...head, page }));
  decipher.setAuthTag(slot.subarray(at + TAG_AT, at + CIPHERTEXT_AT));
  const plain = decipher.update(slot.subarray(at + CIPHERTEXT_AT, at + CIPHERTEXT_AT + head.plainBytes));
  try {
    decipher.final();
  } catch {
    return false;
  }
  target.set(plain);
  return true;
}

/** NIST SP 800-38D, 8.2.1: a counter, each file having a key of its own. */
function nonceOf(write: bigint): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64LE(write, 4);
  return nonce;
}

/** The associated data: a run moved to another place, file or length is none. */
function boundTo({ kind, number }: SealedName, { page, pages, plainBytes, final }: RunPlace): Uint8Array {
  const words = [kind === 'segment' ? 1 : 2, number, page, pages, plainBytes, final ? 1 : 0];
  return new Uint8Array(Float64Array.from(words).buffer);
}
