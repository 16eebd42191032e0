// The AS database that the release compiles: read back by the reader that the sensor uses.
import fc from 'fast-check';
import { type AsnResponse, Reader } from 'maxmind';
import { expect, test } from 'vitest';
import { formatAddress } from '../../src/net/address.ts';
import { AS_LINES, asDatabase } from '../respond/enrich/sample-origins.ts';

const asOf = (database: Buffer) => {
  const reader = new Reader<AsnResponse>(database);
  return (address: string) => reader.get(address)?.autonomous_system_number;
};

test('both ends of every range are its AS, their neighbours are nobody', () => {
  const find = asOf(asDatabase());
  for (const [address, as] of [
    ['9.9.8.255', undefined],
    ['9.9.9.0', 19281],
    ['9.9.9.255', 19281],
    ['9.9.10.0', undefined],
    ['11.0.0.4', undefined],
    ['11.0.0.5', 64500],
    ['11.0.1.2', 64500],
    ['11.0.1.3', undefined],
    ['2620:fe::fe', 19281],
    ['2620:fe::1:0', undefined],
  ] as const) {
    expect([address, find(address)]).toEqual([address, as]);
  }
});

test('a quoted name keeps its comma and its quotation marks, and the file says when it was made', () => {
  const reader = new Reader<AsnResponse>(asDatabase());
  expect(reader.get('9.9.9.9')?.autonomous_system_organization).toBe('Quad9, "the" resolver');
  expect(reader.metadata).toMatchObject({ databaseType: 'ASN', ipVersion: 6, buildEpoch: new Date('2026-06-01') });
});

test('a line that is none is refused with its text', () => {
  expect(() => asDatabase([...AS_LINES, '9.9.9.9 Quad9'])).toThrow('"9.9.9.9 Quad9" is no line');
});

test('any ranges, one over the other: the last that holds an address counts', () => {
  const range = fc.tuple(fc.nat(300), fc.nat(300)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
  fc.assert(
    fc.property(fc.array(range, { maxLength: 8 }), (ranges) => {
      const text = (n: number) => formatAddress(Uint8Array.of(9, 9, n >> 8, n & 255));
      const find = asOf(asDatabase(ranges.map(([a, b], i) => `${text(a)},${text(b)},${i + 1},X`)));
      for (let n = 0; n <= 301; n++) {
        const last = ranges.findLastIndex(([a, b]) => a <= n && n <= b);
        if (find(text(n)) !== (last === -1 ? undefined : last + 1)) return false;
      }
      return true;
    }),
    { numRuns: 50 },
  );
});
