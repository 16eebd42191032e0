// What the wire shows and what a log says make one incident, in whichever order they come.
import { expect, test } from 'vitest';
import { Analysis } from '../../src/analysis/analysis.ts';
import type { Incident } from '../../src/api/incident.ts';
import { GUESSES } from '../../src/detect/brute-force.ts';
import { LOG_GUESSES } from '../../src/detect/log-brute-force.ts';
import type { EveRecord } from '../../src/eve/record.ts';
import { loginLog, NOON_US } from '../detect/log-records.ts';
import { answered, flowRecord, SECOND_US } from '../detect/records.ts';

const ATTACKER = '203.0.113.9';
const HOST = '10.0.0.5';
const text = (timeUs: number) => `${new Date(timeUs / 1000).toISOString().slice(0, -1)}000+0000`;

const guesses: EveRecord[] = Array.from({ length: GUESSES }, (_, i) => {
  const start = text(NOON_US + i * SECOND_US);
  return flowRecord(ATTACKER, HOST, 22, {
    src_port: 40_000 + i,
    flow_id: i + 1,
    app_proto: 'ssh',
    flow: { ...answered, start },
    timestamp: start,
  });
});
const success = loginLog('success', ATTACKER, { sourcePort: String(40_000 + GUESSES - 1) }, NOON_US + 20 * SECOND_US);

function incidentsOf(feed: (analysis: Analysis) => { incidents: Incident[] }[]): Incident[] {
  const last = new Map<string, Incident>();
  for (const { incidents } of feed(new Analysis(['10.0.0.0/8'])))
    for (const incident of incidents) last.set(incident.id, incident);
  return [...last.values()];
}

test.each(['in order of time', 'the wire last'])('guessing on the wire, success in the log: %s', (order) => {
  const incidents = incidentsOf((analysis) => {
    const wire = () => guesses.map((record) => analysis.push(record));
    const log = () => analysis.pushLog(success, 1);
    return order === 'the wire last' ? [log(), ...wire()] : [...wire(), log()];
  });
  expect(incidents).toMatchObject([{ host: HOST, phases: ['exploit', 'prepare'] }]);
  expect(incidents[0].evidence.map(({ detector, src_ip, dest_ip }) => [detector, src_ip, dest_ip])).toEqual([
    ['brute-force', ATTACKER, HOST],
    ['log-break-in', ATTACKER, HOST],
  ]);
});

test('guessing and success in the log alone do as well', () => {
  const incidents = incidentsOf((analysis) => [
    ...Array.from({ length: LOG_GUESSES }, (_, i) =>
      analysis.pushLog({ ...loginLog('failure', ATTACKER, {}, NOON_US + i * SECOND_US), sender: HOST }),
    ),
    analysis.pushLog({ ...success, sender: HOST }),
  ]);
  expect(incidents).toMatchObject([{ host: HOST, phases: ['exploit', 'prepare'] }]);
});

test('neither alone is an incident', () => {
  expect(incidentsOf((analysis) => guesses.map((record) => analysis.push(record)))).toEqual([]);
  expect(incidentsOf((analysis) => [analysis.pushLog({ ...success, sender: HOST })])).toEqual([]);
});

const hit = (level: string, tags: string[], sender = HOST): EveRecord => ({
  timestamp: text(NOON_US + 30 * SECOND_US),
  event_type: 'alert',
  src_ip: sender,
  alert: {
    action: 'allowed',
    gid: 514,
    signature_id: 7,
    rev: 1,
    signature: 'Log cleared',
    category: 'Log rule',
    severity: 1,
    metadata: { level: [level], tags },
  },
  log: { host: 'web1', sender, message: 'x' },
});

test("a log rule's hit on a host that was attacked before is evidence of the same incident", () => {
  const incidents = incidentsOf((analysis) => [
    ...guesses.map((record) => analysis.push(record)),
    analysis.pushHit(hit('critical', ['attack.t1070', 'attack.defense_evasion'])),
  ]);
  expect(incidents).toMatchObject([{ host: HOST, phases: ['exploit', 'prepare'] }]);
  expect(incidents[0].evidence.at(-1)).toMatchObject({ detector: 'log-rule', rule: '514:7:1', summary: 'Log cleared' });
});

test.each([
  ['of a low level', hit('low', ['attack.persistence'])],
  ['of no tactic', hit('critical', ['cve.2026.1'])],
  ['from outside', hit('critical', ['attack.persistence'], '198.51.100.1')],
])('a hit %s is no step', (_, record) => {
  expect(new Analysis(['10.0.0.0/8']).pushHit(record).events).toEqual([]);
});
