import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { baseDomain } from '../../src/detect/dns-record.ts';
import { LONG_NAME, TUNNEL_NAMES, TUNNEL_WINDOW_US } from '../../src/detect/dns-tunnel.ts';
import { asked } from './dns-records.ts';
import { seen, times } from './records.ts';

const data = (i: number, chars = 40) => createHash('sha256').update(String(i)).digest('hex').slice(0, chars);
const carry = (count: number, base: string, step = 1, chars = 40) =>
  times(count, (i) => asked(`${data(i, chars)}.${base}`, i * step));

test('data carried in names', () => {
  expect(seen('dns-tunnel', carry(TUNNEL_NAMES + 20, 't.example.net'))).toEqual(['10.0.0.5 c2 0.7']);
});

test('near misses: one fewer, the same again, short names, too slowly, a block list, an everyday domain', () => {
  expect(seen('dns-tunnel', carry(TUNNEL_NAMES - 1, 'example.net'))).toEqual([]);
  expect(
    seen(
      'dns-tunnel',
      times(200, (i) => asked(`${data(i % 10)}.example.net`, i)),
    ),
  ).toEqual([]);
  expect(seen('dns-tunnel', carry(200, 'example.net', 1, LONG_NAME - 1))).toEqual([]);
  expect(seen('dns-tunnel', carry(200, 'example.net', TUNNEL_WINDOW_US / 1e6 / 10))).toEqual([]);
  expect(seen('dns-tunnel', carry(200, 'avqs.mcafee.com'))).toEqual([]);
  expect(seen('dns-tunnel', carry(200, 'x.googlevideo.com'))).toEqual([]);
});

test('the registered part of a name', () => {
  expect(['a.b.example.net', 'a.b.example.co.uk', 'example.net', 'host'].map(baseDomain)).toEqual([
    'example.net',
    'example.co.uk',
    'example.net',
    'host',
  ]);
});
