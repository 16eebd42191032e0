import { expect, test } from 'vitest';
import { parseDecoder } from '../../src/logs/decoder.ts';
import { compileDecoders } from '../../src/logs/normalize.ts';
import { parseLog } from '../../src/logs/parse.ts';

const arrival = { arrivedUs: 1_795_500_000e6, offsetMinutes: 0, sender: '192.0.2.7', transport: 'tcp' as const };
const DOOR = `
name: door
apps: [Doord]
patterns:
  - template: '<user:word> opened <device:text>'
    set: { action: open }
samples:
  - line: '<13>doord: alice opened the gate'
    fields: { user: alice, device: the gate, action: open }
`;
const read = (line: string) => {
  const record = parseLog(line, arrival);
  compileDecoders([parseDecoder(DOOR, 'door.yaml')])(record);
  return { decoder: record.decoder, fields: record.fields === undefined ? undefined : { ...record.fields } };
};

test("a program's own decoder comes first, by name or by path, in any case", () => {
  const fields = { user: 'alice', device: 'the gate', action: 'open' };
  expect(read('<13>doord: alice opened the gate')).toEqual({ decoder: 'door', fields });
  expect(read('<13>Nov 24 10:00:00 h /usr/sbin/DOORD[7]:  alice opened the gate ')).toEqual({
    decoder: 'door',
    fields,
  });
});

test("else the body's format, with our names beside the ones it brought", () => {
  expect(read('<13>Nov 24 10:00:00 h CEF:0|V|P|1|2|n|3|src=192.0.2.7 dpt=22 act=blocked')).toMatchObject({
    decoder: 'cef',
    fields: { src: '192.0.2.7', source: '192.0.2.7', destinationPort: '22', action: 'blocked', deviceVendor: 'V' },
  });
  expect(read('{"source":{"ip":"192.0.2.7"},"user":{"name":"alice"}}')).toMatchObject({
    decoder: 'json',
    fields: { source: '192.0.2.7', 'source.ip': '192.0.2.7', user: 'alice' },
  });
  expect(read('<189>date=2026-11-24 devname="fg" srcip=192.0.2.7 dstport=443 action="deny"')).toMatchObject({
    decoder: 'key-value',
    fields: { source: '192.0.2.7', destinationPort: '443', action: 'deny', device: 'fg' },
  });
  expect(read('<13>h LEEF:1.0|V|P|1|E|usrName=alice')).toMatchObject({ decoder: undefined });
  expect(read('<13>LEEF:1.0|V|P|1|E|usrName=alice')).toMatchObject({ decoder: 'leef', fields: { user: 'alice' } });
});

test('prose has no fields', () => {
  for (const line of ['plain words', '<13>doord: nothing known', 'a=1 b=2 only two', '']) {
    expect(read(line)).toEqual({ decoder: undefined, fields: undefined });
  }
});

test.each([
  ['name: Door', /door\.yaml: name: must be a short lower-case name/],
  [DOOR.replace('user:word', 'nobody:word'), /door\.yaml: template .* no field is called "nobody"/],
  [DOOR.replace('template:', 'regex:'), /door\.yaml: patterns\.0/],
  [DOOR.replace('action: open }\nsamples', 'verb: open }\nsamples'), /door\.yaml: patterns\.0\.set\.verb/],
  ['a: [', /decoder door\.yaml: /],
])('a faulty decoder is refused with its file and key: %#', (yaml, message) => {
  expect(() => parseDecoder(yaml, 'door.yaml')).toThrow(message);
});

test('keys that every object knows are names like any other', () => {
  const record = parseLog('<13>x: __proto__=a constructor=b toString=c hasOwnProperty=d', arrival);
  compileDecoders([])(record);
  expect(Object.entries(record.fields ?? {})).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['toString', 'c'],
    ['hasOwnProperty', 'd'],
  ]);
});
