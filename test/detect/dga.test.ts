import { expect, test } from 'vitest';
import { looksRandom, NXDOMAIN_WINDOW_US, RANDOM_DOMAINS, STORM_DOMAINS } from '../../src/detect/dga.ts';
import { answeredDns } from './dns-records.ts';
import { seen, times } from './records.ts';

const CONSONANTS = 'bcdfghjklmnpqrstvwxz';
const drawn = (i: number) => times(12, (k) => CONSONANTS[(i * 7 + k * k * 3) % CONSONANTS.length]).join('');
const missing = (count: number, name: (i: number) => string, step = 1, rcode = 'NXDOMAIN') =>
  times(count, (i) => answeredDns(name(i), rcode, i * step));

test('domains drawn by lot that do not exist', () => {
  expect(
    seen(
      'dga',
      missing(RANDOM_DOMAINS + 5, (i) => `${drawn(i)}.com`),
    ),
  ).toEqual(['10.0.0.5 c2 0.7']);
});

test('very many of any kind are a storm', () => {
  expect(
    seen(
      'dga',
      missing(STORM_DOMAINS, (i) => `shop${i}store.com`),
    ),
  ).toEqual(['10.0.0.5 c2 0.4']);
});

test('near misses: one fewer, they exist, below one domain, too slowly, the site itself', () => {
  expect(
    seen(
      'dga',
      missing(RANDOM_DOMAINS - 1, (i) => `${drawn(i)}.com`),
    ),
  ).toEqual([]);
  expect(
    seen(
      'dga',
      missing(100, (i) => `${drawn(i)}.com`, 1, 'NOERROR'),
    ),
  ).toEqual([]);
  expect(
    seen(
      'dga',
      missing(100, (i) => `${drawn(i)}.example.com`),
    ),
  ).toEqual([]);
  expect(
    seen(
      'dga',
      missing(100, (i) => `${drawn(i)}.com`, NXDOMAIN_WINDOW_US / 1e6 / 5),
    ),
  ).toEqual([]);
  expect(
    seen(
      'dga',
      missing(100, (i) => `${drawn(i)}.local`),
    ),
  ).toEqual([]);
});

test('words are not drawn by lot', () => {
  expect(['kq3v9z7xkw', 'xkqzvbnmrt', 'f4k2j9d8s1a'].filter((label) => !looksRandom(label))).toEqual([]);
  expect(['microsoft', 'internetbank', 'my-long-shop', 'newspaper24', 'xn--bcher-kva8x'].filter(looksRandom)).toEqual(
    [],
  );
});
