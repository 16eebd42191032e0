// A file of the store, opened for reading whether it is encrypted or not: its first page tells.
import { fstatSync } from 'node:fs';
import { MssError } from '../../errors.ts';
import { type ReadAt, readFrom } from '../read-at.ts';
import { keyId, type PacketKey } from './packet-keys.ts';
import { PAGE_BYTES, type SealedName } from './sealed-format.ts';
import { nameKeys, openSealedHeader, parseSealedHeader, type SealedHeader } from './sealed-header.ts';
import { SealedReader } from './sealed-reader.ts';

/** The plain bytes of a file. */
export interface PlainFile {
  readAt: ReadAt;
  /** how many there are now */
  measure(): number;
  /** false: an encrypted file that does not say where it ends, being written or cut off */
  isWhole(): boolean;
  sealed: boolean;
}

/**
 * @param page the file's first page.
 * @param live it is still being written.
 * @throws MssError `locked` where none of the keys opens it, `store` where its header is damaged.
 */
export function openPlain(
  fd: number,
  page: Uint8Array,
  name: SealedName,
  keys: readonly PacketKey[],
  live = false,
): PlainFile {
  const size = () => fstatSync(fd).size;
  const header = parseSealedHeader(page);
  if (header === undefined) return { readAt: readFrom(fd), measure: size, isWhole: () => true, sealed: false };
  const key = openSealedHeader(header, keys);
  if (key === undefined) throw new MssError('locked', explainLocked('it is', [header], keys));
  const reader = new SealedReader(readFrom(fd), size, live, key, name);
  return { readAt: reader.readAt, measure: () => reader.bytes, isWhole: () => reader.isWhole, sealed: true };
}

/** The header of an encrypted file; undefined where it is not encrypted. Throws MssError `store` where it is damaged. */
export function readSealedHeader(fd: number): SealedHeader | undefined {
  const page = new Uint8Array(PAGE_BYTES);
  return parseSealedHeader(page.subarray(0, readFrom(fd)(page, 0)));
}

/** What is encrypted, with which keys, and how to give them. @param what the beginning of the sentence, with its verb */
export function explainLocked(what: string, headers: readonly SealedHeader[], given: readonly PacketKey[]): string {
  const wanted = [...new Set(headers.map(({ wraps }) => nameKeys(wraps)))].join(', or ');
  const others = given.map(({ publicKey }) => keyId(publicKey)).join(', ');
  const instead = given.length === 0 ? '' : ` (and not with ${others}, which was given)`;
  return `${what} encrypted with ${wanted}${instead}: give the private key by --key FILE, or to all by "mss key unlock FILE"`;
}
