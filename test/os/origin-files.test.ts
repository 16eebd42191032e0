import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openOrigins } from '../../src/os/origin-files.ts';
import { asDatabase, writeSampleOrigins } from '../respond/enrich/sample-origins.ts';

const dir = mkdtempSync(join(tmpdir(), 'mss-origins-'));
const [own, shipped] = [join(dir, 'own'), join(dir, 'shipped')];
writeSampleOrigins(shipped);
afterAll(() => rmSync(dir, { recursive: true }));

test('country and AS of an address, either alone, or nothing', () => {
  const find = openOrigins([own, shipped]);
  expect(find('9.9.9.9')).toEqual({ country: 'US', asn: 19281, asName: 'Quad9, "the" resolver' });
  expect(find('9.1.1.1')).toEqual({ country: 'US' });
  expect(find('11.0.1.0')).toEqual({ asn: 64500, asName: 'Example Ltd' });
  expect([find('10.0.0.1'), find('no address')]).toEqual([undefined, undefined]);
});

test("a person's own file goes before the shipped one; what is no database is left out", () => {
  writeSampleOrigins(own);
  writeFileSync(join(own, 'asn.mmdb'), asDatabase(['9.9.9.0,9.9.9.255,64501,Another']));
  expect(openOrigins([own, shipped])('9.9.9.9')).toEqual({ country: 'US', asn: 64501, asName: 'Another' });
  writeFileSync(join(own, 'asn.mmdb'), 'no database');
  expect(openOrigins([own, shipped])('9.9.9.9')).toEqual({ country: 'US' });
});

test('without any file nothing is known', () => {
  expect(openOrigins([join(dir, 'nowhere')])('9.9.9.9')).toBeUndefined();
});

test('private addresses have an origin where a person gave them one only', () => {
  const file = asDatabase(['192.168.0.0,192.168.255.255,64502,Branch office']);
  writeFileSync(join(shipped, 'asn.mmdb'), file);
  rmSync(join(own, 'asn.mmdb'), { force: true });
  expect(openOrigins([own, shipped])('192.168.1.46')).toBeUndefined();
  writeFileSync(join(own, 'asn.mmdb'), file);
  expect(openOrigins([own, shipped])('192.168.1.46')).toMatchObject({ asn: 64502, asName: 'Branch office' });
});
