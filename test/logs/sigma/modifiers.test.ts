import { expect, test } from 'vitest';
import { encode } from '../../../src/logs/sigma/rule/encode.ts';
import { engineOf, fits, plan, recordOf, ruleYaml } from './small-rules.ts';

test.each<[line: string, fitting: string[], others: string[]]>([
  // no modifier: the whole value, whatever its case; wildcards and their escapes
  ["f: 'Whoami'", ['whoami', 'WHOAMI'], ['whoami.exe', ' whoami']],
  ["f: ''", [''], [' ']],
  ['f: 4625', ['4625'], ['04625', '46250']],
  ['f: true', ['true', 'True'], ['1']],
  ["f: 'prog?.exe'", ['progA.exe', 'prog\u00e9.exe', 'prog\u{1f600}.exe'], ['prog.exe', 'progAB.exe']],
  ["f: '?'", ['a', '\u{1f600}'], ['', 'ab']],
  ["f: '*'", ['', 'anything'], []],
  ["f: 'a*c?e*g'", ['acdeg', 'a--ccxe--g'], ['acdef', 'aceg', 'xacdeg']],
  ["f: 'a*b*c'", ['abc', 'aXbYc'], ['acb', 'ab']],
  ["f: '*\\*'", ['a*', '*'], ['a', '*a']],
  ["f: 'a\\*b'", ['a*b'], ['aXb', 'a\\*b']],
  ["f: 'a\\?b'", ['a?b'], ['aXb']],
  ["f: 'C:\\Temp\\x'", ['c:\\temp\\x'], ['c:temp']],
  ["f: 'a\\\\*'", ['a\\', 'a\\b'], ['a', 'a*']],
  ["f: 'a\\\\\\*'", ['a\\*'], ['a\\b']],
  ["f: 'a\\\\\\\\b'", ['a\\\\b'], ['a\\b']],
  // where the value stands
  ['f|contains: mid', ['amidst', 'MID'], ['m-id']],
  ['f|startswith: adm', ['administrator', 'ADM'], ['badm']],
  ['f|endswith: .exe', ['a.EXE'], ['a.exe ']],
  ["f|contains: 'a*b'", ['xaybz'], ['xbyaz']],
  // lists
  ['f: [one, two]', ['one', 'two'], ['three']],
  ["f|contains: [one, 'two*four']", ['a one b', 'two three four'], ['four two']],
  ['f|contains|all: [one, two]', ['two one'], ['one', 'two']],
  ['f|all|contains: [one, two]', ['two one'], ['one']],
  // case
  ['f|cased: Root', ['Root'], ['root']],
  ['f|contains|cased: Root', ['a Root b'], ['a root b']],
  // not equal
  ['f|neq: root', ['alice'], ['root', 'ROOT']],
  ['f|neq: [a, b]', ['c'], ['a', 'b']],
  ['f|contains|neq: x', ['abc'], ['axc']],
  // regular expressions: case counts, and a part of the value is enough
  ["f|re: '^a[0-9]+$'", ['a12'], ['A12', 'a1b']],
  ["f|re: 'b+'", ['abbc'], ['ac']],
  ["f|re|i: '^abc'", ['ABCd'], ['xabc']],
  ["f|re|m: '^two$'", ['one\ntwo\nthree'], ['one two']],
  ["f|re|s: 'a.b'", ['a\nb'], ['ab']],
  ["f|re: 'a.b'", ['axb'], ['a\nb']],
  ["f|re|i|s: 'A.B'", ['a\nb'], ['ab']],
  ["f|re: ['x{2}', 'y\\d']", ['axx', 'y1'], ['x', 'y']],
  // addresses
  ['f|cidr: 192.0.2.0/24', ['192.0.2.7'], ['192.0.3.7', 'x', '::1']],
  ["f|cidr: '2001:db8::/32'", ['2001:db8::7', '2001:DB8:0:0::1'], ['2001:db9::7', '192.0.2.7']],
  ['f|cidr: [10.0.0.0/8, 192.0.2.1]', ['10.1.2.3', '192.0.2.1'], ['192.0.2.2']],
  // numbers
  ['f|lt: 10', ['9.5', '-3'], ['10', 'x', '']],
  ['f|lte: 10', ['10', '0x0a'], ['10.1']],
  ['f|gt: 10', ['11', '1e3'], ['10', ' ']],
  ["f|gte: '10'", ['10'], ['9', 'abc']],
  // parts of a date
  ['f|minute: 5', ['2026-06-01T12:05:00Z'], ['2026-06-01T12:50:00Z', 'x', '2026-06-01']],
  ['f|hour: 12', ['2026-06-01 12:05'], ['2026-06-01 13:05']],
  ['f|day: 1', ['2026-06-01'], ['2026-06-11', '2026-06-31']],
  ['f|week: 53', ['2026-12-31', '2027-01-03'], ['2027-01-04']],
  ['f|week: 1', ['2024-12-30', '2026-01-01'], ['2024-12-29']],
  ['f|month: [6, 7]', ['2026-06-01', '2026/07/01'], ['2026-08-01']],
  ['f|year: 2026', ['2026-06-01'], ['2025-06-01']],
  ['f|hour|gte: 20', ['2026-06-01T20:00', '2026-06-01T23:59'], ['2026-06-01T19:59']],
  // dashes of command lines
  ["f|windash|contains: ' -enc'", [' -enc', ' /enc', ' \u2013enc', ' \u2014ENC', ' \u2015enc'], [' enc']],
  ["f|contains|windash: 'a/b-c'", ['a-b-c', 'a\u2013b/c'], ['a b c']],
  // encodings
  ['f|base64|contains: whoami', ['x d2hvYW1p y'], ['whoami']],
  ['f|base64offset|contains: whoami', ['x d2hvYW1p', 'eHdob2FtaQ==', 'eHh3aG9hbWk='], ['d2hv']],
  ['f|wide|base64|contains: ab', ['YQBiAA=='], ['YWI=']],
  ['f|utf16le|base64: ab', ['YQBiAA=='], ['AGEAYg==']],
  ['f|utf16be|base64: ab', ['AGEAYg=='], ['YQBiAA==']],
  ['f|utf16|base64: ab', ['//5hAGIA'], ['YQBiAA==']],
  ["f|wide: 'ab'", ['a\0b\0'], ['ab']],
  ['f|base64|cased: \u00e9', ['w6k='], ['6Q==']],
  // there or not
  ['f|exists: true', ['', 'x'], []],
  ['other|exists: false', ['x'], []],
  ['f: null', [], ['', 'x']],
  ['other: null', ['x'], []],
  ['f: [null, x]', ['x'], ['', 'y']],
])('%s', (line, fitting, others) => {
  for (const f of fitting) expect([f, fits(line, { f })]).toEqual([f, true]);
  for (const f of others) expect([f, fits(line, { f })]).toEqual([f, false]);
});

test.each<[line: string, fields: Record<string, string>, wanted: boolean]>([
  ['f|fieldref: g', { f: 'Root', g: 'root' }, true],
  ['f|fieldref: g', { f: 'root', g: 'alice' }, false],
  ['f|fieldref: g', { f: 'root' }, false],
  ['f|fieldref|neq: g', { f: 'root', g: 'alice' }, true],
  ['f|fieldref|contains: g', { f: 'is root here', g: 'root' }, true],
  ['f|fieldref|startswith: g', { f: 'root is', g: 'root' }, true],
  ['f|fieldref|endswith: g', { f: 'is root', g: 'root' }, true],
  ['f|fieldref|endswith: g', { f: 'root is', g: 'root' }, false],
  ['f|exists: true', { g: '' }, false],
  ['f|exists: false', { f: '' }, false],
  ['f: null', { g: '' }, true],
  ['f|neq: x', { g: '' }, true],
])('%s on %j', (line, fields, wanted) => {
  expect(fits(line, fields)).toBe(wanted);
});

test('expand: placeholders are what the owner says, and nothing else', () => {
  const placeholders = new Map([
    ['Admins', ['root', 'adm*']],
    ['Hosts', ['gate']],
  ]);
  expect(fits("f|expand: '%Admins%'", { f: 'admin2' }, { placeholders })).toBe(true);
  expect(fits("f|expand: '%Admins%@%Hosts%'", { f: 'root@gate' }, { placeholders })).toBe(true);
  expect(fits("f|expand|contains: '%Hosts%'", { f: 'the gate opens' }, { placeholders })).toBe(true);
  expect(fits("f|expand: '%Admins%'", { f: 'alice' }, { placeholders })).toBe(false);
  expect(fits("f: '%Admins%'", { f: '%admins%' }, { placeholders })).toBe(true);
  expect(plan(ruleYaml("{ s: { f|expand: '%Nobody%' }, condition: s }")).broken[0].reason).toMatch(
    /^placeholder: nothing says what %Nobody% stands for/,
  );
});

test.each<[line: string, reason: RegExp]>([
  ['f|nosuch: x', /^modifier: "nosuch" is no modifier/],
  ['f|i: x', /^modifier: "i"/],
  ['f|cidr: 300.0.0.0/8', /^value: .*not an address block/],
  ['f|lt: abc', /^value: a comparison takes a number/],
  ['f|hour: noon', /^value: hour takes a number/],
  ["f|base64: 'a*'", /^value: base64 takes no wildcards/],
  ["f|exists: 'yes'", /^value: exists takes true or false/],
  ['f|contains: null', /^value: null takes no modifier/],
  ['f: []', /^value: "f" has no value/],
  ['f: { g: h }', /^structure: "f" holds a map/],
  ["f|re: '(?=a)b'", /^regular expression: .*outside RE2/],
  ["f|re: '(a)\\1'", /^regular expression: /],
  ["f|re: '['", /^regular expression: /],
  [`f|re: '${'a'.repeat(5000)}'`, /^size: /],
])('%s is refused', (line, reason) => {
  expect(plan(ruleYaml(`{ s: { ${line} }, condition: s }`)).broken[0].reason).toMatch(reason);
});

test('base64offset finds a text at each of the three places, in any neighbourhood', () => {
  for (const text of ['a', 'ab', 'abc', 'whoami', '/bin/sh']) {
    for (const before of ['', 'x', 'xy', 'xyz']) {
      for (const after of ['', 'q', 'qr', 'qrs']) {
        const whole = Buffer.from(before + text + after).toString('base64');
        expect(encode(text, 'base64offset').some((form) => whole.includes(form))).toBe(true);
      }
    }
  }
});

test('a pattern that is exponential for engines that go back ends at once here', () => {
  const engine = engineOf(ruleYaml("{ s: { f|re: '^(a+)+$' }, condition: s }"));
  expect(engine.match(recordOf({ f: `${'a'.repeat(50_000)}!` }))).toEqual([]);
});
