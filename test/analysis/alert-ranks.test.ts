// What ranking learns from the records before an alert.
import { expect, test } from 'vitest';
import { Analysis } from '../../src/analysis/analysis.ts';
import type { EveRecord } from '../../src/eve/record.ts';

const HOME = '10.0.0.5';
const DAY_S = 24 * 3600;
const alert = (second: number, peer: string, signature: string, more: object = {}): EveRecord => ({
  timestamp: new Date(Date.UTC(2026, 10, 24) + second * 1000).toISOString(),
  event_type: 'alert',
  src_ip: HOME,
  dest_ip: peer,
  alert: { action: 'allowed', gid: 1, signature_id: 7, rev: 1, signature, category: '', severity: 3 },
  ...more,
});
const reasonsAfter = (analysis: Analysis, record: EveRecord): string[] => {
  analysis.push(record);
  return analysis.rankOf(record)!.reasons;
};

test.each([
  'MSS KNOWN-BAD address contacted',
  'MSS KNOWN-BAD network contacted',
  'ET DROP Spamhaus DROP Listed Traffic',
])('after "%s" whatever is seen of that peer ranks higher for a day', (listed) => {
  const analysis = new Analysis(['10.0.0.0/8']);
  analysis.push(alert(0, '192.0.2.7', listed));
  const bad = '+20 192.0.2.7 is of bad reputation';
  expect(reasonsAfter(analysis, alert(60, '192.0.2.7', 'ET INFO x'))).toContain(bad);
  expect(reasonsAfter(analysis, alert(60, '192.0.2.8', 'ET INFO x')).join()).not.toContain('reputation');
  expect(reasonsAfter(analysis, alert(2 * DAY_S, '192.0.2.7', 'ET INFO x')).join()).not.toContain('reputation');
});

test('a bad name says nothing of the resolver that was asked for it', () => {
  const analysis = new Analysis(['10.0.0.0/8']);
  analysis.push(alert(0, '192.0.2.53', 'MSS KNOWN-BAD name asked of DNS'));
  expect(reasonsAfter(analysis, alert(60, '192.0.2.53', 'ET INFO x')).join()).not.toContain('reputation');
});

test('bad peers are known again after a restart', () => {
  const analysis = new Analysis(['10.0.0.0/8']);
  analysis.remember(alert(0, '192.0.2.7', 'MSS KNOWN-BAD address contacted'));
  expect(reasonsAfter(analysis, alert(60, '192.0.2.7', 'ET INFO x')).join()).toContain('reputation');
});

test('hits of rules that speak of no step are counted, too: they are rare no more', () => {
  const analysis = new Analysis(['10.0.0.0/8']);
  expect(reasonsAfter(analysis, alert(0, '192.0.2.7', 'ET INFO x')).join()).toContain('rare');
  for (let second = 1; second < 50; second++) analysis.push(alert(second, '192.0.2.7', 'ET INFO x'));
  const reasons = reasonsAfter(analysis, alert(50, '192.0.2.7', 'ET INFO x')).join();
  expect(reasons).not.toContain('rare');
  expect(reasons).toContain('4 % of 51 hits in incidents');
});

test('what the server turned down ranks lower', () => {
  const analysis = new Analysis(['10.0.0.0/8']);
  const tried = (status: unknown) =>
    reasonsAfter(analysis, alert(0, '192.0.2.7', 'ET EXPLOIT x', { http: { status } }));
  expect(tried(404)).toContain('-10 the server refused it: HTTP 404');
  for (const status of [200, 500, '404', undefined]) expect(tried(status).join()).not.toContain('refused');
});
