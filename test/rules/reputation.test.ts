// Feeds of known bad addresses and names, in the shapes they come in.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseReputation, renderReputation } from '../../src/rules/reputation.ts';
import { enabledRules, planRuleset } from '../../src/rules/ruleset.ts';

test('addresses: plain, CSV, with comments, in any spelling; a block, a name and an odd line are counted', () => {
  const { entries, refused } = parseReputation(
    'address',
    '# feed\n192.0.2.1\n"192.0.2.2",2026-01-01,bot\r\n192.0.2.3 ; SBL1\n2001:DB8:0::1\n192.0.2.4/32\n2001:db8::2/128\n\n192.0.2.0/24\nbad.example\n999.1.1.1\n',
  );
  expect([...entries]).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '192.0.2.4', '2001:db8::2']);
  expect(refused).toBe(3);
});

test('names: plain, hosts file, CSV, trailing dot, in lower case; addresses and single words are none', () => {
  const { entries, refused } = parseReputation(
    'domain',
    '0.0.0.0 ads.Example.net # x\n127.0.0.1\tbad.example\nWWW.evil.example.\n"x-1.example","c2"\n192.0.2.1\nlocalhost\n-a.example\n',
  );
  expect([...entries]).toEqual(['ads.example.net', 'bad.example', 'www.evil.example', 'x-1.example']);
  expect(refused).toBe(3);
});

test('whatever a feed holds, every entry is one line of the list and nothing of a rule', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('address' as const, 'domain' as const), (text, kind) => {
      for (const entry of parseReputation(kind, text).entries) expect(entry).toMatch(/^[a-z0-9._:-]+$/);
    }),
  );
});

test('rules only for kinds that have entries; the same entries make the same file', () => {
  const render = (addresses: string[]) =>
    renderReputation(
      new Map([
        ['address', new Set(addresses)],
        ['domain', new Set<string>()],
      ]),
    );
  const { files, rules } = render(['192.0.2.2', '192.0.2.1']);
  expect([...files]).toEqual([['known-bad-addresses.lst', '192.0.2.1\n192.0.2.2\n']]);
  expect(render(['192.0.2.1', '192.0.2.2'])).toEqual({ files, rules });
  const set = planRuleset(rules);
  expect(set.broken).toEqual([]);
  expect(enabledRules(set).map(({ sid, metadata }) => [sid, metadata.mss_phase])).toEqual([
    [9000090, ['known-bad']],
    [9000091, ['known-bad']],
  ]);
  expect(render([])).toEqual({ files: new Map(), rules: [] });
});
