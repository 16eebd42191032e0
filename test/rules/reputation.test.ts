// Feeds of known bad addresses and names, in the shapes they come in.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderReputation } from '../../src/rules/reputation.ts';
import { parseReputation, REPUTATION_KINDS } from '../../src/rules/reputation-feed.ts';
import { enabledRules, planRuleset } from '../../src/rules/ruleset.ts';

test('addresses and blocks: plain, CSV, with comments, in any spelling; every other line is named', () => {
  const { entries, refused, refusedCount } = parseReputation(
    'address',
    '# feed\n192.0.2.1\n"192.0.2.2",2026-01-01,bot\r\n192.0.2.3 ; SBL1\n2001:DB8:0::1\n192.0.2.4/32\n2001:db8::2/128\n\n9.9.9.9/16 ; SBL2\n2a00:1::/32\nbad.example\n999.1.1.1\n0.0.0.0/0\n10.1.0.0/16\n192.0.0.0/8\n9.9.9.9/33\n',
  );
  expect([...entries]).toEqual([
    ...['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '192.0.2.4', '2001:db8::2', '9.9.0.0/16', '2a00:1::/32'],
  ]);
  expect(refusedCount).toBe(6);
  expect(refused.map(({ line, text, why }) => [line, text, why])).toEqual([
    [11, 'bad.example', 'no address or block'],
    [12, '999.1.1.1', 'no address or block'],
    [13, '0.0.0.0/0', 'a block of more than a /8'],
    [14, '10.1.0.0/16', 'a block with addresses that are not public (RFC 6890)'],
    [15, '192.0.0.0/8', 'a block with addresses that are not public (RFC 6890)'],
    [16, '9.9.9.9/33', 'no address or block'],
  ]);
});

test('names: plain, hosts file, CSV, trailing dot, in lower case; addresses and single words are none', () => {
  const { entries, refused } = parseReputation(
    'domain',
    '0.0.0.0 ads.Example.net # x\n127.0.0.1\tbad.example\nWWW.evil.example.\n"x-1.example","c2"\n192.0.2.1\nlocalhost\n-a.example\n',
  );
  expect([...entries]).toEqual(['ads.example.net', 'bad.example', 'www.evil.example', 'x-1.example']);
  expect(refused.map(({ line, text }) => [line, text])).toEqual([
    [5, '192.0.2.1'],
    [6, 'localhost'],
    [7, '-a.example'],
  ]);
});

test('digests of all three kinds, wherever they stand in their line', () => {
  const [md5, sha1, sha256] = [32, 40, 64].map((digits) => 'aB'.repeat(digits / 2));
  const text = `# bad\n${sha256}\n"2026-06-01", "${md5}", "exe"\n${sha1} setup.exe\n${sha256}0\nnone\n`;
  const { entries, refused } = parseReputation('file', text);
  expect([...entries]).toEqual([sha256, md5, sha1].map((digest) => digest.toLowerCase()));
  expect(refused.map(({ line }) => line)).toEqual([5, 6]);
});

test('of a feed of nothing but bad lines the first thousand are kept, and all are counted', () => {
  const { refused, refusedCount } = parseReputation('file', 'x\n'.repeat(5000));
  expect([refused.length, refusedCount]).toEqual([1000, 5000]);
});

test('whatever a feed holds, every entry is one line of the list and nothing of a rule', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.string())).map((of) => of.join('\n')),
      ),
      fc.constantFrom(...REPUTATION_KINDS),
      (text, kind) => {
        const { entries, refusedCount } = parseReputation(kind, text);
        for (const entry of entries) expect(entry).toMatch(/^[a-z0-9._:/-]+$/);
        expect(entries.size + refusedCount).toBeLessThanOrEqual(text.split('\n').length);
      },
    ),
  );
});

test('rules only for kinds that have entries; the same entries make the same file', () => {
  const render = (addresses: string[]) =>
    renderReputation(
      new Map([
        ['address', new Set(addresses)],
        ['domain', new Set<string>()],
        ['file', new Set<string>()],
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

test('blocks are a list and rules of their own; digests are a list for ids, and no rule', () => {
  const { files, rules } = renderReputation(
    new Map([
      ['address', new Set(['9.9.0.0/16'])],
      ['file', new Set(['ab'.repeat(16)])],
    ]),
  );
  expect([...files]).toEqual([
    ['known-bad-networks.lst', '9.9.0.0/16,1,127\n'],
    ['known-bad-files.lst', `${'ab'.repeat(16)}\n`],
  ]);
  expect(enabledRules(planRuleset(rules)).map(({ sid }) => sid)).toEqual([9000095, 9000096]);
});
