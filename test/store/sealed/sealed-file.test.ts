// Encrypted files: what was put in comes out, at every boundary; what was tampered with does not.
import { randomBytes, randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ReadAt } from '../../../src/store/read-at.ts';
import { createPacketKey } from '../../../src/store/sealed/packet-keys.ts';
import {
  PAGE_BYTES,
  PAGE_PLAIN_BYTES,
  type SealedName,
  SLOT_BYTES,
  SLOT_PLAIN_BYTES,
  sealedFileBytes,
} from '../../../src/store/sealed/sealed-format.ts';
import { createSealedHeader, openSealedHeader, parseSealedHeader } from '../../../src/store/sealed/sealed-header.ts';
import { SealedReader, wholeRunBytes } from '../../../src/store/sealed/sealed-reader.ts';
import { SealedWriter, sealFile } from '../../../src/store/sealed/sealed-writer.ts';

const owner = createPacketKey();
const recipients = [{ publicKey: owner.publicKey, isWriter: false }];
const segment = (number: number): SealedName => ({ kind: 'segment', number });

const readerOf =
  (file: Uint8Array): ReadAt =>
  (target, position) => {
    const part = file.subarray(position, position + target.length);
    target.set(part);
    return part.length;
  };

function open(file: Uint8Array, name: SealedName): SealedReader {
  const key = openSealedHeader(parseSealedHeader(file.subarray(0, PAGE_BYTES))!, [owner])!;
  return new SealedReader(readerOf(file), () => file.length, false, key, name);
}

function readAll(reader: SealedReader, bytes = 4 * SLOT_PLAIN_BYTES): Buffer {
  const target = Buffer.alloc(bytes);
  return target.subarray(0, reader.readAt(target, 0));
}

const SIZES = [
  0,
  1,
  PAGE_PLAIN_BYTES - 1,
  PAGE_PLAIN_BYTES,
  PAGE_PLAIN_BYTES + 1,
  SLOT_PLAIN_BYTES - 1,
  SLOT_PLAIN_BYTES,
  SLOT_PLAIN_BYTES + 1,
  3 * SLOT_PLAIN_BYTES + 5000,
];

test.each(SIZES)('%i bytes at once', (size) => {
  const plain = randomBytes(size);
  const file = sealFile(segment(7), recipients, plain);
  expect(file.length).toBe(sealedFileBytes(size));
  const reader = open(file, segment(7));
  expect(readAll(reader).equals(plain)).toBe(true);
  expect(reader.bytes).toBe(size);
  expect(reader.isWhole).toBe(true);
  expect(wholeRunBytes(readerOf(file), file.length)).toBe(file.length);
});

test('grown in pieces of any size: after each the file holds exactly what was appended, at any place', () => {
  for (let round = 0; round < 30; round++) {
    const { key, page } = createSealedHeader(recipients);
    let file = Buffer.from(page);
    const writer = new SealedWriter(
      (bytes, position) => {
        expect(bytes.length % PAGE_BYTES).toBe(0);
        const grown = Buffer.alloc(Math.max(file.length, position + bytes.length));
        grown.set(file);
        grown.set(bytes, position);
        file = grown;
      },
      new Uint8Array(2 * SLOT_BYTES),
      key,
      segment(1),
    );
    let plain = Buffer.alloc(0);
    const most = randomInt(2) === 0 ? 3000 : 2 * SLOT_PLAIN_BYTES;
    const reader = new SealedReader(
      (target, at) => readerOf(file)(target, at),
      () => file.length,
      true,
      key,
      segment(1),
    );
    for (let piece = 0; piece < 12; piece++) {
      const bytes = randomBytes(randomInt(most));
      writer.append(bytes);
      plain = Buffer.concat([plain, bytes]);
      expect(writer.length).toBe(plain.length);
      expect(reader.bytes).toBe(plain.length);
      expect(reader.isWhole).toBe(false);
      expect(readAll(reader, plain.length + 100).equals(plain)).toBe(true);
      const from = randomInt(plain.length + 1);
      const part = Buffer.alloc(randomInt(plain.length - from + 1));
      expect(reader.readAt(part, from)).toBe(part.length);
      expect(part.equals(plain.subarray(from, from + part.length))).toBe(true);
    }
    writer.end();
    expect(reader.isWhole).toBe(true);
    expect(file.length).toBe(sealedFileBytes(plain.length));
  }
});

test('no two runs of a file are sealed with the same nonce, also where a page is written again', () => {
  const seen = new Set<string>();
  const { key } = createSealedHeader(recipients);
  const sink = (bytes: Uint8Array) => {
    const view = Buffer.from(bytes);
    for (let at = 0; at < view.length; at += view.readUInt32LE(at + 4)) {
      const nonce = view.toString('hex', at + 8, at + 16);
      expect(seen.has(nonce)).toBe(false);
      seen.add(nonce);
    }
  };
  const writer = new SealedWriter(sink, new Uint8Array(2 * SLOT_BYTES), key, segment(1));
  for (let i = 0; i < 200; i++) writer.append(randomBytes(randomInt(2 * PAGE_PLAIN_BYTES)));
  writer.end();
  expect(seen.size).toBeGreaterThan(200);
});

const plain = randomBytes(2 * SLOT_PLAIN_BYTES + 3 * PAGE_PLAIN_BYTES + 100);
const sealed = () => Uint8Array.from(sealFile(segment(7), recipients, plain));

test('any bit that is flipped in header, ciphertext or tag ends the plain bytes before it', () => {
  for (let i = 0; i < 60; i++) {
    const file = sealed();
    const slot = randomInt(2);
    const at = PAGE_BYTES + slot * SLOT_BYTES + (i < 36 ? i : randomInt(SLOT_BYTES - 64 * 16));
    file[at] ^= 1 << randomInt(8);
    const got = readAll(open(file, segment(7)));
    expect(got.length).toBe(slot * SLOT_PLAIN_BYTES);
    expect(got.equals(plain.subarray(0, got.length))).toBe(true);
  }
});

test('slots that changed places, came from another file, number or kind do not open', () => {
  const file = sealed();
  const other = sealed();
  const slotAt = (n: number) => PAGE_BYTES + n * SLOT_BYTES;
  const swapped = file.slice();
  swapped.copyWithin(slotAt(0), slotAt(1), slotAt(2));
  swapped.set(file.subarray(slotAt(0), slotAt(1)), slotAt(1));
  expect(readAll(open(swapped, segment(7))).length).toBe(0);
  const mixed = file.slice();
  mixed.set(other.subarray(slotAt(1), slotAt(2)), slotAt(1));
  expect(readAll(open(mixed, segment(7))).length).toBe(SLOT_PLAIN_BYTES);
  expect(readAll(open(file, segment(8))).length).toBe(0);
  expect(readAll(open(file, { kind: 'index', number: 7 })).length).toBe(0);
});

test('a file that was cut anywhere is not whole', () => {
  for (let bytes = PAGE_BYTES; bytes < sealed().length; bytes += PAGE_BYTES) {
    const reader = open(sealed().subarray(0, bytes), segment(7));
    expect(reader.isWhole).toBe(false);
    const got = readAll(reader);
    expect(got.equals(plain.subarray(0, got.length))).toBe(true);
  }
});

test('a torn tail is found without the key', () => {
  const file = sealed();
  const torn = file.length - 3 * PAGE_BYTES;
  file.fill(0, torn + PAGE_BYTES);
  // the last run of full pages is three pages long: half of it is no run
  expect(wholeRunBytes(readerOf(file), file.length)).toBe(PAGE_BYTES + 2 * SLOT_BYTES);
  expect(wholeRunBytes(readerOf(file), PAGE_BYTES + SLOT_BYTES + 5)).toBe(PAGE_BYTES + SLOT_BYTES);
});

test('only the keys that it was made for open it, and its first page names them', () => {
  const [second, stranger] = [createPacketKey(), createPacketKey()];
  const { key, page } = createSealedHeader([...recipients, { publicKey: second.publicKey, isWriter: true }]);
  const header = parseSealedHeader(page)!;
  expect(openSealedHeader(header, [stranger])).toBeUndefined();
  expect(openSealedHeader(header, [stranger, owner])).toEqual(key);
  expect(openSealedHeader(header, [second])).toEqual(key);
  expect(() => {
    const wrong = parseSealedHeader(page)!;
    wrong.wraps[0].message.ciphertext[0] ^= 1;
    openSealedHeader(wrong, [owner]);
  }).toThrow('damaged');
});
