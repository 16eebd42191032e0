// What ids asks to block: the outside end, for rules that block and incidents of the rank that blocks.
import { expect, test } from 'vitest';
import type { SensorEvent } from '../../../src/api/event.ts';
import type { Incident } from '../../../src/api/incident.ts';
import { parseSensorConfig } from '../../../src/config/parse.ts';
import { planRequests } from '../../../src/respond/soft-ips/plan-request.ts';

const isHome = (address: string) => address.startsWith('10.');
const plan = (respond: object) => planRequests(parseSensorConfig({ respond }).respond, isHome);
const alert = (src_ip: string, dest_ip: string, sid = 2019401): SensorEvent => ({
  type: 'alert',
  timeUs: 1,
  eve: {
    timestamp: '2026-11-24T12:00:00.000000+0000',
    event_type: 'alert',
    src_ip,
    dest_ip,
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: sid,
      rev: 1,
      signature: 'ET MALWARE Beacon',
      category: '',
      severity: 1,
    },
  },
});

test.each(['2019401', '1:2019401', 're:malware\\s+beacon'])(
  'rule "%s" blocks the outside end, whichever it is',
  (word) => {
    const wanted = plan({ rules: [word], minutes: 5 });
    const request = { remote: '198.51.100.7', host: '10.0.0.1', minutes: 5, why: 'rule 1:2019401 (ET MALWARE Beacon)' };
    expect(wanted(alert('10.0.0.1', '198.51.100.7'))).toEqual([request]);
    expect(wanted(alert('198.51.100.7', '10.0.0.1'))).toEqual([request]);
  },
);

test('other rules, and no rules, block nothing', () => {
  expect(plan({ rules: ['2:2019401', '7', 're:^beacon'] })(alert('10.0.0.1', '198.51.100.7'))).toEqual([]);
  expect(plan({})(alert('10.0.0.1', '198.51.100.7'))).toEqual([]);
});

test('what is no matcher is refused with its key', () => {
  expect(() => plan({ rules: ['group:malware'] })).toThrow(/respond.rules: "group:malware"/);
  expect(() => plan({ rules: ['re:(?<=a)b'] })).toThrow(/respond.rules: re:/);
});

test('an incident blocks its hostile outside ends from its rank on', () => {
  const evidence = [
    { timeUs: 1, phase: 'c2' as const, detector: 'alert', summary: '', src_ip: '10.0.0.1', dest_ip: '198.51.100.7' },
    { timeUs: 2, phase: 'spread' as const, detector: 'scan', summary: '', src_ip: '10.0.0.1', dest_ip: '203.0.113.1' },
    { timeUs: 3, phase: 'exploit' as const, detector: 'alert', summary: '', src_ip: '10.0.0.2', dest_ip: '10.0.0.1' },
  ];
  const incident = { id: 'i1', host: '10.0.0.1', rank: 50, evidence } as unknown as Incident;
  const event: SensorEvent = { type: 'incident', timeUs: 3, incident };
  expect(plan({ incidentRank: 50 })(event).map(({ remote, host }) => [remote, host])).toEqual([
    ['198.51.100.7', '10.0.0.1'],
  ]);
  expect(plan({ incidentRank: 51 })(event)).toEqual([]);
  expect(plan({})(event)).toEqual([]);
});
