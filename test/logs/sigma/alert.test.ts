import { expect, test } from 'vitest';
import { rowOf } from '../../../src/archive/row.ts';
import { alertOfHit, LOG_RULE_GID, sidOf } from '../../../src/logs/sigma/alert.ts';
import { engineOf, NOON_US, recordOf } from './small-rules.ts';

const ENGINE = () =>
  engineOf(`title: Seen
id: 6f1a1c1e-0000-4000-8000-000000000001
level: high
tags: [attack.t1110]
logsource: { product: test }
detection: { s: { f: x }, condition: s }
---
title: Seen twice
id: 6f1a1c1e-0000-4000-8000-000000000002
level: critical
correlation: { type: event_count, rules: [6f1a1c1e-0000-4000-8000-000000000001], group-by: [user], timespan: 1m, condition: { gte: 2 }, generate: true }
`);

function alertOf(fields: Record<string, string>, rest = {}) {
  const record = recordOf({ f: 'x', ...fields }, { message: 'the message', ...rest });
  const event = alertOfHit(ENGINE().match(record)[0], record);
  if (event.type !== 'alert') throw new Error(`not an alert: ${event.type}`);
  return event;
}

test('a hit is an alert like the others, with its log beside', () => {
  const event = alertOf(
    { source: '203.0.113.9', sourcePort: '4001', destination: '2001:db8::1', destinationPort: '22', protocol: 'tcp' },
    { host: 'web1', app: 'sshd', decoder: 'sshd' },
  );
  expect(event).toMatchObject({
    type: 'alert',
    timeUs: NOON_US,
    eve: {
      timestamp: '2026-06-01T12:00:00.000000+0000',
      event_type: 'alert',
      src_ip: '203.0.113.9',
      src_port: 4001,
      dest_ip: '2001:db8::1',
      dest_port: 22,
      proto: 'TCP',
      alert: {
        gid: LOG_RULE_GID,
        signature_id: sidOf('6f1a1c1e-0000-4000-8000-000000000001'),
        signature: 'Seen',
        severity: 1,
        category: 'Log rule',
        metadata: { level: ['high'], tags: ['attack.t1110'] },
      },
      log_rule: { file: 'rules.yml', matched: [{ selection: 's', because: ['f "x"'] }] },
      log: { host: 'web1', app: 'sshd', decoder: 'sshd', message: 'the message', f: 'x' },
    },
  });
  // the archive takes it as it takes the engine's
  expect(rowOf(7, event)).toMatchObject({ table: 'alerts', values: { signature: 'Seen', dst_port: 22, proto: 6 } });
});

test.each<[fields: Record<string, string>, rest: object, ends: object]>([
  [{ source: '203.0.113.9' }, {}, { src_ip: '203.0.113.9', dest_ip: '192.0.2.1' }],
  [{ source: '203.0.113.9' }, { host: '192.0.2.77' }, { src_ip: '203.0.113.9', dest_ip: '192.0.2.77' }],
  [{ source: 'a-name' }, {}, { src_ip: '192.0.2.1' }],
  [{}, { sender: 'logtest' }, {}],
  [{ destination: '203.0.113.9', destinationPort: 'x' }, {}, { src_ip: '192.0.2.1', dest_ip: '203.0.113.9' }],
])('the ends of %j %j', (fields, rest, ends) => {
  const { eve } = alertOf(fields, rest);
  const { src_ip, src_port, dest_ip, dest_port } = eve;
  expect(JSON.parse(JSON.stringify({ src_ip, src_port, dest_ip, dest_port }))).toEqual(ends);
});

test('a correlation says of whom, how much and since when', () => {
  const engine = ENGINE();
  const record = (second: number) => recordOf({ f: 'x', user: 'eve' }, { timeUs: NOON_US + second * 1e6 });
  engine.match(record(0));
  const hit = engine.match(record(5)).find(({ correlated }) => correlated !== undefined);
  expect(alertOfHit(hit!, record(5))).toMatchObject({
    timeUs: NOON_US + 5e6,
    eve: {
      alert: { signature: 'Seen twice' },
      log_rule: { type: 'event_count', group: { user: 'eve' }, count: 2, firstUs: NOON_US },
    },
  });
});

test('a rule has the same number wherever it runs, in 31 bits', () => {
  expect(sidOf('a')).toBe(sidOf('a'));
  expect(sidOf('a')).not.toBe(sidOf('b'));
  for (const id of ['a', 'b', 'c', 'd']) expect(sidOf(id)).toBeLessThan(2 ** 31);
});
