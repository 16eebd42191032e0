// Two engines' records of one file: what one says and the other does not.
import { expect, test } from 'vitest';
import { compareRecords, parseRecords } from '../../tools/test-real/compare-records.ts';

const eve = (...records: object[]) =>
  parseRecords(records.map((record) => `${JSON.stringify({ timestamp: 't', flow_id: 1, ...record })}\n`).join(''));
const dns = { event_type: 'dns', src_ip: '10.0.0.1', dns: { rrname: 'a.example', answers: [{ rdata: '192.0.2.1' }] } };

test('the same records in another order, with more fields and other flow ids, are the same', () => {
  const richer = { ...dns, community_id: '1:x', flow_id: 2, dns: { ...dns.dns, more: true } };
  const other = { event_type: 'http', src_ip: '10.0.0.2' };
  expect(compareRecords(eve(other, richer), eve(dns, other))).toEqual([]);
});

test('a missing, an extra and a changed one are told; statistics are not compared', () => {
  const changed = { ...dns, dns: { ...dns.dns, answers: [{ rdata: '192.0.2.9' }] } };
  const found = compareRecords(
    eve(changed, { event_type: 'tls' }, { event_type: 'stats', uptime: 1 }),
    eve(dns, { event_type: 'alert', alert: { signature_id: 7 } }),
  );
  expect(found.map(({ kind, eventType }) => `${kind} ${eventType}`)).toEqual([
    'changed dns',
    'missing alert',
    'extra tls',
  ]);
  expect(found[0].text).toBe('dns.answers.0.rdata "192.0.2.9" instead of "192.0.2.1"');
});

test('of two records at one place each finds its own', () => {
  const second = { ...dns, dns: { rrname: 'b.example' } };
  expect(compareRecords(eve(second, dns), eve(dns, second))).toEqual([]);
  expect(compareRecords(eve(dns), eve(dns, dns))).toMatchObject([{ kind: 'missing' }]);
});

test('a list in another order is told as such; one with another value in it is changed', () => {
  const ike = (...payload: string[]) => eve({ event_type: 'ike', ike: { payload } });
  expect(compareRecords(ike('a', 'b', 'c'), ike('c', 'b', 'a'))).toEqual([
    { eventType: 'ike', kind: 'order', text: 'ike.payload' },
  ]);
  expect(compareRecords(ike('a', 'b'), ike('b', 'c')).map(({ kind }) => kind)).toEqual(['changed', 'changed']);
  expect(compareRecords(ike('a', 'b'), ike('b', 'a', 'c')).map(({ kind }) => kind)).toContain('changed');
});

test('a flow is known by its beginning: one that was ended at another time is the same flow, changed', () => {
  const flow = (timestamp: string, start: string) => eve({ event_type: 'flow', timestamp, flow: { start } });
  expect(compareRecords(flow('t1', 's'), flow('t2', 's'))).toEqual([
    { eventType: 'flow', kind: 'changed', text: 'timestamp "t1" instead of "t2"' },
  ]);
  expect(compareRecords(flow('t', 's1'), flow('t', 's2')).map(({ kind }) => kind)).toEqual(['missing', 'extra']);
});
