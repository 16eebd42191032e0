import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCef } from '../../../src/logs/body/cef.ts';
import { readJson } from '../../../src/logs/body/json.ts';
import { readKeyValue } from '../../../src/logs/body/key-value.ts';
import { readLeef } from '../../../src/logs/body/leef.ts';

const plain = (fields: Record<string, string> | undefined) => (fields === undefined ? undefined : { ...fields });

test('key=value: bare, quoted, escaped, separated by commas, mixed with words', () => {
  const text = `date=2026-11-24 msg="a \\"b\\" = c" x='y z', n=1; SYN empty= url=http://h/?q=1 last=2`;
  expect(plain(readKeyValue(text))).toEqual({
    date: '2026-11-24',
    msg: 'a "b" = c',
    x: 'y z',
    n: '1',
    empty: '',
    url: 'http://h/?q=1',
    last: '2',
  });
  expect(plain(readKeyValue('a="never closed b=1'))).toEqual({ a: 'never closed b=1' });
  expect(plain(readKeyValue('a=1 a=2'))).toEqual({ a: '1' });
  expect(plain(readKeyValue('no pairs (x=1) here'))).toEqual({});
});

test('key=value: a message of ten thousand pairs gives a bounded number', () => {
  const text = Array.from({ length: 10_000 }, (_, i) => `k${i}=v`).join(' ');
  expect(Object.keys(readKeyValue(text)).length).toBe(256);
});

test('json: nested names, lists, values that are no text', () => {
  expect(plain(readJson('{"a":1,"b":{"c":true,"d":["x",2]},"n":null,"e":[{"f":"g"}]}'))).toEqual({
    a: '1',
    'b.c': 'true',
    'b.d': 'x,2',
    'e.0.f': 'g',
  });
  expect(plain(readJson('@cee: {"a":"b"}'))).toEqual({ a: 'b' });
  for (const text of ['', '[1]', '{', '{"a":1} tail', 'x {"a":1}']) expect(readJson(text)).toBeUndefined();
});

test('json: however deep, it ends', () => {
  const deep = `{"top":1,"a":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`;
  expect(plain(readJson(deep))).toEqual({ top: '1' });
  expect(plain(readJson('{"a":{"b":{"c":{"d":{"e":{"f":{"g":1}}}}}}}'))).toEqual({ 'a.b.c.d.e.f.g': '1' });
});

test('cef: escapes in header and extension, values with spaces and with an unescaped equals sign', () => {
  expect(
    plain(
      readCef(
        'CEF:0|Ven\\|dor|Pro\\\\duct|1.0|100|name|5|src=192.0.2.7 msg=two words\\=one\\nline url=http://h/?a=b cs1Label=x y ',
      ),
    ),
  ).toEqual({
    deviceVendor: 'Ven|dor',
    deviceProduct: 'Pro\\duct',
    deviceVersion: '1.0',
    signatureId: '100',
    name: 'name',
    severity: '5',
    src: '192.0.2.7',
    msg: 'two words=one\nline',
    url: 'http://h/?a=b',
    cs1Label: 'x y',
  });
  expect(readCef('CEF:0|only|three|parts')).toBeUndefined();
  expect(plain(readCef('CEF:0|v|p|1|2|n|3|'))).toMatchObject({ severity: '3' });
});

test('leef: tabs in 1.0, a separator of its own in 2.0', () => {
  const rest = { deviceVendor: 'V', deviceProduct: 'P', deviceVersion: '1', eventId: 'E' };
  expect(plain(readLeef('LEEF:1.0|V|P|1|E|src=192.0.2.7\tmsg=a b=c'))).toEqual({
    ...rest,
    src: '192.0.2.7',
    msg: 'a b=c',
  });
  expect(plain(readLeef('LEEF:2.0|V|P|1|E|^|a=1^b=2'))).toEqual({ ...rest, a: '1', b: '2' });
  expect(plain(readLeef('LEEF:2.0|V|P|1|E|x7C|a=1|b=2'))).toEqual({ ...rest, a: '1', b: '2' });
  expect(readLeef('LEEF:2.0|V|P|1|E')).toBeUndefined();
});

test('any text: no throw, and only text comes out', () => {
  const head = fc.constantFrom('', 'CEF:0|a|b|c|d|e|f|', 'LEEF:2.0|a|b|c|d|^|', '{"a":');
  const tail = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('a', '=', ' ', '"', "'", '\\', '|', '{', '}', '^') }),
  );
  fc.assert(
    fc.property(head, tail, (start, end) => {
      const text = start + end;
      for (const read of [readKeyValue, readJson, readCef, readLeef]) {
        for (const value of Object.values(read(text) ?? {})) expect(typeof value).toBe('string');
      }
    }),
    { numRuns: 2000 },
  );
});
