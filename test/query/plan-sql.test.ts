// The filter words on the archive: what SQL finds is what the test in memory says, for any filter; words without meaning
// are refused by name.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SensorEvent } from '../../src/api/event.ts';
import { DuckDbArchive } from '../../src/archive/duckdb.ts';
import type { Direction, Filter } from '../../src/query/filter.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { type EventTable, planMemory } from '../../src/query/plan-memory.ts';
import { planSql } from '../../src/query/plan-sql.ts';
import { alertEvent, flowEvent, logEvent, NOON_US } from '../archive/sample.ts';

const ADDRESSES = ['10.0.0.5', '10.0.255.6', '192.0.2.9', '0.0.0.0', '255.255.255.255', '2001:db8::5', '::', 'fe80::1'];
const EVENTS: SensorEvent[] = ADDRESSES.flatMap((src, i) => {
  const timeUs = NOON_US + i;
  const dst = ADDRESSES[(i * 3 + 1) % ADDRESSES.length];
  const ends = {
    src,
    dst,
    srcPort: i * 1000,
    dstPort: i % 2 === 0 ? 443 : 53,
    proto: i % 3 === 0 ? 'UDP' : 'TCP',
    timeUs,
  };
  const icmp = alertEvent({
    src,
    dst,
    proto: src.includes(':') ? 'IPv6-ICMP' : 'ICMP',
    sid: i,
    severity: 1 + (i % 3),
    timeUs,
  });
  if (icmp.type === 'alert') {
    delete icmp.eve.src_port;
    delete icmp.eve.dest_port;
  }
  const hit = alertEvent({ ...ends, sid: 3000 + i });
  const log = logEvent({ sender: src, host: dst, severity: i % 8, timeUs, message: `100% of "${src}" failed_\\` });
  const fields = { user: ['Root', 'adm_in%', 'a*b', ''][i % 4], 'event.id': String(4624 + i) };
  if (hit.type === 'alert')
    Object.assign(hit.eve, { log: fields, http: { hostname: `h${i}.example`, status: 200 + i } });
  if (log.type === 'log' && i !== 5) log.log.fields = fields;
  return [
    hit,
    log,
    alertEvent({
      ...ends,
      sid: 2000 + i,
      severity: 1 + (i % 4),
      vlan: i % 2 === 0 ? [10, 20 + i] : undefined,
      app: 'tls',
    }),
    icmp,
    flowEvent({ ...ends, app: i % 2 === 0 ? 'http' : undefined, vlan: i === 3 ? [] : [10] }),
  ];
});

let dir: string;
let archive: DuckDbArchive;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'plan-sql-'));
  archive = await DuckDbArchive.open(join(dir, 'archive.duckdb'));
  await archive.apply('ids', {
    records: EVENTS.map((event, number) => ({ number, event })),
    next: { record: EVENTS.length, segment: 0, offset: 1 },
    badRecords: 0,
  });
});
afterAll(async () => {
  await archive.close();
  rmSync(dir, { recursive: true });
});

const found = async (filter: Filter, table: EventTable): Promise<string[]> =>
  (await archive.search(table, { filter, limit: 1000 })).map((row) => JSON.stringify(row)).sort();
const expected = (filter: Filter, table: EventTable): string[] => {
  const passes = planMemory(filter, table);
  return EVENTS.flatMap((event, i) => {
    if (!passes(event)) return [];
    const { type, timeUs, ...rest } = event;
    return JSON.stringify({ type, id: `${timeUs}.${i}`, timeUs, ...rest });
  }).sort();
};

const dir3 = fc.constantFrom<Direction>('src', 'dst', 'either');
const address = fc.constantFrom(...ADDRESSES, '198.51.100.1');
const cidr = fc
  .record({ address, bits: fc.integer({ min: 0, max: 128 }) })
  .map(({ address, bits }) => `${address}/${address.includes(':') ? bits : bits % 33}`);
const flowLeaf: fc.Arbitrary<Filter>[] = [
  fc.record({ op: fc.constant('host'), dir: dir3, address }) as fc.Arbitrary<Filter>,
  fc.record({ op: fc.constant('net'), dir: dir3, cidr }) as fc.Arbitrary<Filter>,
  fc
    .record({ dir: dir3, a: fc.constantFrom(0, 53, 443, 1000, 3000), more: fc.constantFrom(0, 0, 2000) })
    .map(({ dir, a, more }) => ({ op: 'port', dir, from: a, to: a + more })),
  fc.constantFrom<Filter>(
    ...(['tcp', 'udp', 'icmp', 'icmp6', 'sctp', 'ip', 'ip6', 'arp', 17] as const).map((proto) => ({
      op: 'proto' as const,
      proto,
    })),
    { op: 'vlan' },
    { op: 'vlan', id: 10 },
    { op: 'vlan', id: 22 },
    { op: 'app', text: 'TLS' },
    { op: 'app', text: 'http' },
    { op: 'community-id', id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=' },
    { op: 'all' },
  ),
];
const fieldLeaf = fc.record({
  op: fc.constant('field'),
  name: fc.constantFrom('user', 'event.id', 'http.hostname', 'http.status', 'app', 'nobody', 'log.user'),
  value: fc.constantFrom('root', 'ADM_*', '*%', 'a\\*b', '*', '', '4625', 'h*.example', '20*', 'sshd', 'r*o*t*t'),
}) as fc.Arbitrary<Filter>;
const alertLeaf: fc.Arbitrary<Filter>[] = [
  ...flowLeaf,
  fieldLeaf,
  fc.constantFrom<Filter>(
    { op: 'sid', sid: 2003 },
    { op: 'category', text: 'trojan' },
    { op: 'text', text: 'eternal' },
    { op: 'text', text: '%' },
  ),
  fc.record({
    op: fc.constant('severity'),
    cmp: fc.constantFrom('=', '<=', '>='),
    level: fc.integer({ min: 0, max: 4 }),
  }) as fc.Arbitrary<Filter>,
];
const logLeaf: fc.Arbitrary<Filter>[] = [
  fieldLeaf,
  fc.record({ op: fc.constant('host'), dir: fc.constant('either'), address }) as fc.Arbitrary<Filter>,
  fc.record({ op: fc.constant('net'), dir: fc.constant('either'), cidr }) as fc.Arbitrary<Filter>,
  fc.constantFrom<Filter>(
    { op: 'app', text: 'SSHD' },
    { op: 'text', text: '100%' },
    { op: 'text', text: '_\\' },
    { op: 'severity', cmp: '<=', level: 3 },
  ),
];
const tree = (leaves: fc.Arbitrary<Filter>[]): fc.Arbitrary<Filter> =>
  fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      ...leaves,
      fc.record({ op: fc.constant('not'), term: tie('filter') }) as fc.Arbitrary<Filter>,
      fc.record({
        op: fc.constantFrom('and', 'or'),
        terms: fc.array(tie('filter'), { maxLength: 3 }),
      }) as fc.Arbitrary<Filter>,
    ),
  })).filter;

test.each([
  ['alerts', alertLeaf],
  ['flows', flowLeaf],
  ['logs', logLeaf],
] as const)('%s: SQL and memory agree on any filter', async (table, leaves) => {
  await fc.assert(
    fc.asyncProperty(tree([...leaves]), async (filter) => {
      expect(await found(filter, table)).toEqual(expected(filter, table));
    }),
    { numRuns: 150 },
  );
});

test('fields: of the log event, of the log event behind an alert, and of EVE', async () => {
  const count = async (table: EventTable, words: string) => (await found(parseFilter(words), table)).length;
  expect(await count('logs', 'field user=ROOT')).toBe(2);
  expect(await count('logs', 'field user="adm*" or field event.id=4624')).toBe(2);
  expect(await count('logs', 'not field user="*"')).toBe(1);
  expect(await count('alerts', 'field user=root and not field http.hostname=h0.example')).toBe(1);
  expect(await count('alerts', 'field http.status="20*"')).toBe(8);
  expect(() => parseFilter('field user')).toThrow('expected = and the value of user');
  expect(() => parseFilter('field a/b=c')).toThrow('the name of a field');
  expect(() => planSql(parseFilter('field user=root'), 'flows')).toThrow('"field" has no meaning for flows');
});

test('blocks never match across families', async () => {
  const sources = async (words: string) =>
    (await archive.search('flows', { filter: parseFilter(words), limit: 100 })).flatMap((row) =>
      row.type === 'flow' ? row.eve.src_ip : [],
    );
  expect(await sources('src net 0.0.0.0/0')).not.toContain('2001:db8::5');
  expect(await sources('src net 0.0.0.0/0')).toHaveLength(5);
  expect((await sources('src net ::/0')).sort()).toEqual(['2001:db8::5', '::', 'fe80::1']);
  expect(await sources('src net 10.0.0.0/16')).toHaveLength(2);
  expect(await sources('src net 10.0.128.0/17')).toEqual(['10.0.255.6']);
});

test.each([
  ['less 100', 'alerts', /"less" has no meaning for alerts; use host, /],
  ['phase c2', 'alerts', /"phase" has no meaning for alerts/],
  ['not (tcp or sid 5)', 'flows', /"sid" has no meaning for flows/],
  ['port 80', 'logs', /"port" has no meaning for logs/],
  ['dst host 10.0.0.1', 'logs', /"dst" has no meaning for logs; write host without it/],
  ['src net 10.0.0.0/8', 'incidents', /"src" has no meaning for incidents/],
  ['phase sleep', 'incidents', /"sleep" is no phase; use scan-in, /],
  ['severity 1', 'hosts', /"severity" has no meaning for hosts/],
] as const)('%s on %s is refused by name', (words, table, message) => {
  expect(() => planSql(parseFilter(words), table)).toThrow(message);
});

test('values are parameters, never text of the query', () => {
  const { sql, params } = planSql(parseFilter(`category "x') or true --" and app "';"`), 'alerts');
  expect(sql).not.toContain('--');
  expect(params).toEqual([`x') or true --`, `';`]);
});
