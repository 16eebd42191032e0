import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, parseLog } from '../../src/logs/parse.ts';

const us = (iso: string): number => Date.parse(iso) * 1000;
const arrival: Arrival = {
  arrivedUs: us('2026-11-24T12:00:00Z'),
  offsetMinutes: 60,
  sender: '192.0.2.7',
  transport: 'udp',
};
const parse = (raw: string) => parseLog(raw, arrival);

describe('RFC 5424', () => {
  test("the RFC's own first example, with a byte order mark", () => {
    const raw = "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed on /dev/pts/8";
    expect(parse(raw)).toEqual({
      timeUs: us('2003-10-11T22:14:15.003Z'),
      arrivedUs: arrival.arrivedUs,
      sender: '192.0.2.7',
      transport: 'udp',
      facility: 4,
      severity: 2,
      host: 'mymachine.example.com',
      app: 'su',
      msgId: 'ID47',
      message: "'su root' failed on /dev/pts/8",
      raw,
      format: '5424',
    });
  });

  test('structured data: several elements, escapes, repeated names, an element without parameters', () => {
    const record = parse(
      '<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 app 8710 - [a@1 x="1" q="a\\"b\\\\c\\]d\\n" x="2"][b@1][__proto__ k="v"] text',
    );
    expect(record.timeUs).toBe(us('2003-08-24T12:14:15Z') + 3);
    expect(record.procId).toBe('8710');
    expect(JSON.parse(JSON.stringify(record.structuredData))['a@1']).toEqual({ x: '1,2', q: 'a"b\\c]d\\n' });
    expect(Object.keys(record.structuredData ?? {})).toEqual(['a@1', 'b@1', '__proto__']);
    expect(record.message).toBe('text');
  });

  test('all fields nil: the arrival time counts, the fields stay away', () => {
    const record = parse('<0>1 - - - - - -');
    expect(record).toMatchObject({ facility: 0, severity: 0, format: '5424', message: '' });
    expect(record.timeUs).toBe(arrival.arrivedUs);
    expect([record.host, record.app, record.procId, record.msgId, record.structuredData]).toEqual(
      Array(5).fill(undefined),
    );
  });

  test('what is no structured data belongs to the message', () => {
    expect(parse('<13>1 2026-11-24T10:00:00Z h a - - [not data').message).toBe('[not data');
    expect(parse('<13>1 2026-11-24T10:00:00Z h a - - [x y="1] open').message).toBe('[x y="1] open');
    expect(parse('<13>1 2026-11-24T10:00:00Z h a - - plain words').message).toBe('plain words');
    expect(parse('<13>1 2026-11-24T10:00:00Z h a - - - - two nils').message).toBe('- two nils');
  });

  test('a header that ends early', () => {
    expect(parse('<13>1 2026-11-24T10:00:00Z')).toMatchObject({ format: '5424', message: '' });
    expect(parse('<13>1 2026-11-24T10:00:00Z host')).toMatchObject({ host: 'host', message: '' });
  });
});

describe('RFC 3164 as it is sent', () => {
  const cases: [raw: string, time: string | 'arrival', found: object][] = [
    [
      "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
      '2026-10-11T21:14:15Z',
      { facility: 4, severity: 2, host: 'mymachine', app: 'su', message: "'su root' failed" },
    ],
    ['<13>Nov  4 09:00:00 h cron[12]: x', '2026-11-04T08:00:00Z', { host: 'h', app: 'cron', procId: '12' }],
    ['<13>Nov 4 09:00:00 h app[1] x', '2026-11-04T08:00:00Z', { app: 'app', procId: '1', message: 'x' }],
    ['Nov 24 09:00:00 h sshd[1]: no PRI', '2026-11-24T08:00:00Z', { host: 'h', app: 'sshd', message: 'no PRI' }],
    ['<13>Nov 24 09:00:00 sshd[1]: no host', '2026-11-24T08:00:00Z', { app: 'sshd', message: 'no host' }],
    ['<30>dnsmasq[12]: no time', 'arrival', { app: 'dnsmasq', procId: '12', message: 'no time' }],
    ['<13>Nov 24 09:00:00 h -- MARK --', '2026-11-24T08:00:00Z', { host: 'h', message: '-- MARK --' }],
    ['<13>Nov 24 09:00:00 h CEF:0|a|b', '2026-11-24T08:00:00Z', { host: 'h', message: 'CEF:0|a|b' }],
    ['<13>Nov 24 09:00:00 fe80::1 a: x', '2026-11-24T08:00:00Z', { host: 'fe80::1', app: 'a' }],
    [
      '2026-11-24T09:00:00.25+02:00 h postfix/smtpd[7]: ISO',
      '2026-11-24T07:00:00.250Z',
      { host: 'h', app: 'postfix/smtpd', procId: '7' },
    ],
    ['<13>2026-11-24 09:00:00,5 h a: x', '2026-11-24T08:00:00.500Z', { host: 'h', app: 'a' }],
    ['<13>2026/11/24 09:00:00 h a: x', '2026-11-24T08:00:00Z', { host: 'h', app: 'a' }],
    ['<13>Nov 24 2025 09:00:00 h a: x', '2025-11-24T08:00:00Z', { host: 'h', app: 'a' }],
    ['<13>Tue Nov 24 09:00:00 2026 h a: x', '2026-11-24T08:00:00Z', { host: 'h', app: 'a' }],
    ['<13>Nov 24 09:00:00 CEST h a: x', '2026-11-24T07:00:00Z', { host: 'h', app: 'a' }],
    ['<13>Nov 24 09:00:00 -0330 h a: x', '2026-11-24T12:30:00Z', { host: 'h', app: 'a' }],
    [
      '<134>1 1563249630.774 r1 events dhcp lease',
      '2019-07-16T04:00:30.774Z',
      { host: 'r1', message: 'events dhcp lease' },
    ],
    [
      '<13>Nov 24 09:00:00 Message forwarded from aix1: sshd[9]: x',
      '2026-11-24T08:00:00Z',
      { host: 'aix1', app: 'sshd', procId: '9', message: 'x' },
    ],
    // Cisco
    [
      '<189>29: *Mar  1 18:46:11.123: %SYS-5-CONFIG_I: Configured',
      'arrival',
      { app: 'SYS', msgId: 'CONFIG_I', severity: 5, message: 'Configured' },
    ],
    [
      '<189>29: 000031: R1: .Nov 24 09:00:00.123 UTC: %SYS-SP-5-RESTART: x',
      '2026-11-24T09:00:00.123Z',
      { host: 'R1', app: 'SYS-SP', msgId: 'RESTART' },
    ],
    ['<189>29: 1w2d: %LINK-3-UPDOWN: x', 'arrival', { app: 'LINK', msgId: 'UPDOWN' }],
    ['<189>29: 00:01:12: %LINK-3-UPDOWN: x', 'arrival', { app: 'LINK', msgId: 'UPDOWN' }],
    ['<189>: 2026 Nov 24 09:00:00 EST: %ETHPORT-5-IF_UP: x', '2026-11-24T14:00:00Z', { app: 'ETHPORT' }],
    ['<189>29: Nov 24 09:00:00 XYZ: %SYS-5-CONFIG_I: x', '2026-11-24T08:00:00Z', { app: 'SYS', message: 'x' }],
    ['<166>%ASA-6-302013: Built', 'arrival', { app: 'ASA', msgId: '302013', message: 'Built' }],
    ['<166>Nov 24 2026 09:00:00: %ASA-6-302013: Built', '2026-11-24T08:00:00Z', { app: 'ASA' }],
    ['<166>Nov 24 2026 09:00:00 fw : %ASA-6-302013: Built', '2026-11-24T08:00:00Z', { host: 'fw', app: 'ASA' }],
    ['<166>Nov 24 09:00:00 r1: %SYS-5-CONFIG_I: x', '2026-11-24T08:00:00Z', { host: 'r1', app: 'SYS' }],
    [
      '<189>Nov 24 09:00:00 192.0.2.1 412: *Mar  1 18:46:11.1: %SYS-5-CONFIG_I: x',
      '2026-11-24T08:00:00Z',
      { host: '192.0.2.1', app: 'SYS', msgId: 'CONFIG_I', message: 'x' },
    ],
  ];
  test.each(cases)('%s', (raw, time, found) => {
    const record = parse(raw);
    expect(record).toMatchObject({ ...found, format: '3164', raw });
    expect(record.timeUs).toBe(time === 'arrival' ? arrival.arrivedUs : us(time));
  });

  test('a year that is not said is the one nearest to the arrival', () => {
    const at = (iso: string, raw: string) => parseLog(raw, { ...arrival, arrivedUs: us(iso), offsetMinutes: 0 }).timeUs;
    expect(at('2027-01-01T00:00:05Z', '<13>Dec 31 23:59:59 h a: x')).toBe(us('2026-12-31T23:59:59Z'));
    expect(at('2026-12-31T23:59:50Z', '<13>Jan  1 00:00:10 h a: x')).toBe(us('2027-01-01T00:00:10Z'));
    expect(at('2028-03-01T00:00:00Z', '<13>Feb 29 12:00:00 h a: x')).toBe(us('2028-02-29T12:00:00Z'));
    expect(at('2029-01-10T00:00:00Z', '<13>Feb 29 12:00:00 h a: x')).toBe(us('2028-02-29T12:00:00Z'));
  });
});

describe('what nothing fits', () => {
  test.each([
    '',
    ' ',
    'plain words',
    '{"json": true}',
    '<192>Nov 24 09:00:00 h a: PRI out of range',
    '<>x',
    '<13',
    '2026-02-30T09:00:00Z no such day',
    '<13>Nov 24 24:00:00 h: no such hour {',
  ])('%j stays raw and whole', (raw) => {
    const record = parse(raw);
    expect(record).toMatchObject({ format: 'raw', raw, timeUs: arrival.arrivedUs });
    expect(raw.endsWith(record.message)).toBe(true);
  });

  test('a PRI alone is still understood', () => {
    expect(parse('<189>date=2026-11-24 action="deny"')).toMatchObject({
      format: 'raw',
      facility: 23,
      severity: 5,
      message: 'date=2026-11-24 action="deny"',
    });
  });

  test('a clock a day ahead, or in the last century, is not believed', () => {
    expect(parse('<13>1 2026-11-26T10:00:00Z h a - - - x').timeUs).toBe(arrival.arrivedUs);
    expect(parse('<13>1 1970-01-01T00:00:10Z h a - - - x').timeUs).toBe(arrival.arrivedUs);
  });
});

describe('any input', () => {
  const seeds = [
    '<34>1 2003-10-11T22:14:15.003Z host su 12 ID47 [a@1 x="1"] \ufefftext',
    '<189>29: R1: *Mar  1 18:46:11.123 UTC: %SYS-5-CONFIG_I: Configured',
    '<13>Nov 24 2026 09:00:00 fw : %ASA-6-302013: Built',
    'Tue Nov 24 09:00:00 2026 +0100 host app[1]: text',
  ];
  /** One of the seeds with a few characters replaced, left out or put in twice. */
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(80), fc.nat(2), fc.string({ maxLength: 3 }))))
    .map(([seed, edits]) =>
      edits.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), seed),
    );

  test('never throws, keeps the raw text, and takes the message from its end', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string({ unit: 'binary' })), (raw) => {
        const record = parse(raw);
        expect(record.raw).toBe(raw);
        expect(raw.endsWith(record.message)).toBe(true);
        expect(Number.isSafeInteger(record.timeUs)).toBe(true);
        expect(['5424', '3164', 'raw']).toContain(record.format);
      }),
      { numRuns: 5000 },
    );
  });

  test('a day written and read again is the same microsecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000_000, max: 1_795_000_000 }), fc.nat(999), (seconds, ms) => {
        const iso = new Date(seconds * 1000 + ms).toISOString();
        expect(parse(`<13>1 ${iso} h a - - - x`).timeUs).toBe((seconds * 1000 + ms) * 1000);
      }),
    );
  });
});
