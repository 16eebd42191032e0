// Blocks: narrow first, wider when it comes back, bounded, and over when their time is.
import { expect, test } from 'vitest';
import { parseAddress } from '../../../src/net/address.ts';
import { parseBlockEntry, renderBlockEntry, renderTarget } from '../../../src/respond/soft-ips/block-entry.ts';
import { BlockList, MAX_BLOCKS } from '../../../src/respond/soft-ips/block-list.ts';
import { Protected } from '../../../src/respond/soft-ips/protected.ts';

const START_MS = 1_700_000_000_000;
const ask = (list: BlockList, remote: string, host?: string, widenAfter = 0) =>
  list.ask({ remote, host, minutes: 10, why: 'rule 1:1' }, START_MS, widenAfter);
const isBlocked = (list: BlockList, a: string, b: string) => list.find(parseAddress(a), parseAddress(b)) !== undefined;

test('a block towards one host leaves the others alone, in both directions', () => {
  const list = new BlockList();
  expect(ask(list, '198.51.100.7', '10.0.0.1')).toBe('new');
  expect(isBlocked(list, '198.51.100.7', '10.0.0.1')).toBe(true);
  expect(isBlocked(list, '10.0.0.1', '198.51.100.7')).toBe(true);
  expect(isBlocked(list, '10.0.0.2', '198.51.100.7')).toBe(false);
  expect(isBlocked(list, '10.0.0.1', '198.51.100.8')).toBe(false);
});

test('the same request only lasts longer; the third host cuts the address off from all', () => {
  const list = new BlockList();
  ask(list, '198.51.100.7', '10.0.0.1');
  expect(ask(list, '198.51.100.7', '10.0.0.1')).toBe('extended');
  ask(list, '198.51.100.7', '10.0.0.2');
  expect(isBlocked(list, '10.0.0.9', '198.51.100.7')).toBe(false);
  ask(list, '198.51.100.7', '10.0.0.3');
  expect(isBlocked(list, '10.0.0.9', '198.51.100.7')).toBe(true);
  expect(list.blocks).toHaveLength(1);
});

test('neighbours become their /24 only when that is asked for, and only so many times', () => {
  const narrow = new BlockList();
  for (let i = 1; i < 20; i++) ask(narrow, `198.51.100.${i}`);
  expect(narrow.blocks).toHaveLength(19);
  const list = new BlockList();
  for (let net = 0; net < 20; net++) for (let i = 1; i <= 3; i++) ask(list, `198.51.${net}.${i}`, undefined, 3);
  expect(list.blocks.filter(({ target }) => target.prefixBits === 24)).toHaveLength(16);
  expect(isBlocked(list, '198.51.0.200', '10.0.0.1')).toBe(true);
  expect(isBlocked(list, '198.51.19.200', '10.0.0.1')).toBe(false);
});

test('a full list refuses; what is over is answered once', () => {
  const list = new BlockList();
  for (let i = 0; i < MAX_BLOCKS; i++) expect(ask(list, `198.51.${i}.1`)).toBe('new');
  expect(ask(list, '203.0.113.1')).toBe('full');
  expect(list.expire(START_MS + 10 * 60_000 - 1)).toHaveLength(0);
  expect(list.expire(START_MS + 10 * 60_000)).toHaveLength(MAX_BLOCKS);
  expect(list.blocks).toHaveLength(0);
});

test("a person's entries replace one another and do not end with a rule's", () => {
  const list = new BlockList();
  ask(list, '203.0.113.1');
  list.setPersons([parseBlockEntry('198.51.100.0/24'), parseBlockEntry('2001:db8::/48 until 2023-11-14T23:00:00Z')]);
  list.setPersons([parseBlockEntry('2001:db8::/48 until 2023-11-14T23:00:00Z')]);
  expect(list.blocks.map(({ target }) => renderTarget(target))).toEqual(['2001:db8::/48', '203.0.113.1']);
  expect(list.expire(Date.parse('2023-11-14T23:00:00Z')).map(({ byPerson }) => byPerson)).toEqual([true, false]);
});

test.each(['198.51.100.7', '198.51.100.0/24', '2001:db8::/48 until 2026-11-25T10:00:00Z'])('entry "%s"', (text) => {
  expect(renderBlockEntry(parseBlockEntry(text))).toBe(text);
});

test.each(['0.0.0.0/0', '::/0', 'example.org', '198.51.100.7 until tomorrow', '198.51.100.7 for ever', ''])(
  'no entry: "%s"',
  (text) => {
    expect(() => parseBlockEntry(text)).toThrow(/block|address/);
  },
);

test('what is protected is so by address and by block; a wider block is not covered by one address in it', () => {
  const safe = new Protected(['192.0.2.1', 'fe80::1%eth0'], ['203.0.113.0/24']);
  for (const address of ['192.0.2.1', '203.0.113.9', '127.0.0.1', '224.0.0.251', 'ff02::1', 'fe80::5']) {
    expect(safe.has(parseAddress(address))).toBe(true);
  }
  expect(safe.has(parseAddress('198.51.100.7'))).toBe(false);
  expect(safe.covers(parseBlockEntry('192.0.2.1').target)).toBe(true);
  expect(safe.covers(parseBlockEntry('192.0.2.0/24').target)).toBe(false);
});
