// Which incidents of several hosts are joined, which are not, and what a verdict or a restart does to the bonds.
import { expect, test } from 'vitest';
import { Analysis } from '../../src/analysis/analysis.ts';
import { findCampaigns } from '../../src/api/campaign.ts';
import { type Incident, PHASES, type Phase, type Verdict } from '../../src/api/incident.ts';
import type { EveRecord } from '../../src/eve/record.ts';
import { Correlator, QUIET_US } from '../../src/incidents/correlate.ts';
import type { DialogEvent } from '../../src/incidents/dialog-event.ts';
import { HARD_WINDOW_US } from '../../src/incidents/phase-weight.ts';

const A = '10.0.0.5';
const B = '10.0.0.6';
const C = '10.0.0.7';
const EVIL = '198.51.100.9';
let serial = 0;
/** A step of `host`; what is done to it comes from `far`. */
const step = (host: string, phase: Phase, timeUs: number, far: string, more: Partial<DialogEvent> = {}) => {
  const ends = phase === 'exploit' ? { src_ip: far, dest_ip: host } : { src_ip: host, dest_ip: far };
  const rule = `1:${PHASES.indexOf(phase) + 1}:1`;
  return { timeUs, phase, detector: 'alert', summary: phase, rule, host, confidence: 0.9, ...ends, ...more };
};
/** an end of nobody else */
const alone = () => `203.0.113.${++serial % 250}`;
const create = (isShared: (address: string) => boolean = () => false) =>
  new Correlator(() => false, {}, { isHome: (address) => address.startsWith('10.'), isShared });
/** The newest of each incident. */
function correlate(events: DialogEvent[], correlator = create()): Map<string, Incident> {
  const incidents = new Map<string, Incident>();
  for (const event of events) {
    const { incident, related = [] } = correlator.add(event);
    for (const one of [...related, incident]) if (one !== undefined) incidents.set(one.host, one);
  }
  return incidents;
}
const bonds = (incident: Incident | undefined) =>
  incident?.related?.map(({ host, by, phase }) => `${host} ${phase} ${by}`);
const infect = (host: string, timeUs: number, controller: string, more: Partial<DialogEvent> = {}) => [
  step(host, 'exploit', timeUs, alone()),
  step(host, 'c2', timeUs + 1, controller, more),
];

test('one controller, attacker or egg source: both name each other, whatever it did to each', () => {
  for (const [first, second] of [
    ['c2', 'c2'],
    ['download', 'c2'],
    ['exploit', 'exploit'],
  ] as const) {
    const other = (phase: Phase) => (phase === 'exploit' ? 'c2' : 'exploit');
    const found = correlate([
      step(A, other(first), 0, alone()),
      step(A, first, 1, EVIL),
      step(B, other(second), 2, alone()),
      step(B, second, 3, EVIL),
    ]);
    expect(bonds(found.get(A))).toEqual([`${B} ${second} ${EVIL}`]);
    expect(bonds(found.get(B))).toEqual([`${A} ${second} ${EVIL}`]);
    expect(found.get(A)?.related?.[0].id).toBe(found.get(B)?.id);
  }
});

test('a worm: each host infects the next, and all are one campaign with one timeline', () => {
  const hop = (from: string, to: string, timeUs: number) => [
    step(from, 'spread', timeUs, to),
    step(to, 'exploit', timeUs, from),
  ];
  const found = correlate([
    ...infect(A, 0, alone()),
    ...hop(A, B, 10),
    step(B, 'c2', 11, alone()),
    ...hop(B, C, 20),
    step(C, 'download', 21, alone()),
  ]);
  expect(bonds(found.get(A))).toEqual([`${B} spread ${A}`]);
  expect(bonds(found.get(B))).toEqual([`${A} spread ${A}`, `${C} spread ${B}`]);
  const [campaign, ...others] = findCampaigns([...found.values()]);
  expect(others).toEqual([]);
  expect(campaign).toMatchObject({ id: found.get(A)?.id, hosts: [A, B, C], by: [A, B], firstUs: 0, lastUs: 21 });
  expect(campaign.timeline.map(({ host, phase }) => `${host} ${phase}`)).toEqual(
    ['exploit', 'c2', 'spread']
      .map((phase) => `${A} ${phase}`)
      .concat([`${B} exploit`, `${B} c2`, `${B} spread`, `${C} exploit`, `${C} download`]),
  );
});

test('near misses: a scanner, a list, a resolver, an own server, a weak sign, another day', () => {
  const joined = (events: DialogEvent[], correlator = create()) =>
    [...correlate(events, correlator).values()].some(({ related }) => related !== undefined);
  const both = (phase: Phase, far: string, more: Partial<DialogEvent> = {}, laterUs = 1) =>
    joined([
      ...infect(A, 0, alone()),
      step(A, phase, 2, far, more),
      ...infect(B, laterUs, alone()),
      step(B, phase, laterUs + 2, far, more),
    ]);
  expect(both('c2', EVIL)).toBe(true);
  expect(both('scan-in', EVIL)).toBe(false);
  expect(both('known-bad', EVIL)).toBe(false);
  expect(both('c2', '9.9.9.9', { dest_port: 53 })).toBe(false);
  expect(both('c2', '10.0.0.53')).toBe(false);
  expect(both('exploit', '10.0.0.99')).toBe(true);
  expect(both('spread', '10.0.0.99')).toBe(false);
  expect(both('c2', EVIL, { confidence: 0.4 })).toBe(false);
  expect(both('c2', EVIL, {}, HARD_WINDOW_US)).toBe(true);
  expect(both('c2', EVIL, {}, HARD_WINDOW_US + 1)).toBe(false);
  // a host that only was attacked is none to join
  expect(joined([...infect(A, 0, EVIL), step(B, 'exploit', 5, EVIL)])).toBe(false);
  // attacked from inside, by a host that nobody saw attacking it
  expect(joined([...infect(A, 0, alone()), step(B, 'exploit', 5, A), step(B, 'c2', 6, alone())])).toBe(false);
  const common = create((address) => address === EVIL);
  expect(joined([...infect(A, 0, EVIL), ...infect(B, 5, EVIL)], common)).toBe(false);
});

const verdict = (more: Partial<Verdict>): Verdict => ({ state: 'closed', by: 'ann', timeUs: 100, ...more });

test('closing one leaves the campaign; a false alarm leaves it alone, and comes back when the word is taken back', () => {
  const correlator = create();
  const found = correlate([...infect(A, 0, EVIL), ...infect(B, 5, EVIL)], correlator);
  const { id } = found.get(A)!;
  expect(correlator.judge(A, id, verdict({}))).toMatchObject([{ host: A, state: 'closed', related: [{ host: B }] }]);
  const [own, other] = correlator.judge(A, id, verdict({ truth: 'false' }));
  expect(own).not.toHaveProperty('related');
  expect(other).toMatchObject({ host: B });
  expect(other).not.toHaveProperty('related');
  // nobody is joined to a false alarm
  expect(bonds(correlate(infect(C, 10, EVIL), correlator).get(C))).toEqual([`${B} c2 ${EVIL}`]);
  const again = correlator.judge(A, id, verdict({ state: 'open', truth: 'true' }));
  expect(again.map(({ host }) => host)).toEqual([A, B, C]);
  expect(again[0].related).toHaveLength(2);
});

test('new evidence on a closed one opens it, not the others of its campaign', () => {
  const correlator = create();
  const found = correlate([...infect(A, 0, EVIL), ...infect(B, 5, EVIL)], correlator);
  for (const host of [A, B]) correlator.judge(host, found.get(host)!.id, verdict({}));
  const { incident, related } = correlator.add(step(A, 'download', 20, alone()));
  expect(incident).toMatchObject({ state: 'open', reopened: 1, related: [{ host: B }] });
  expect(related).toEqual([]);
});

test('a restart keeps the bonds, and what comes then is joined to what was before', () => {
  const before = create();
  correlate([...infect(A, 0, EVIL), ...infect(B, 5, EVIL)], before);
  const after = create();
  for (const state of [...before.states()].reverse()) after.restore(JSON.parse(JSON.stringify(state)));
  expect(bonds(correlate(infect(C, 10, EVIL), after).get(C))).toHaveLength(2);
  expect(bonds(after.add(step(A, 'download', 20, alone())).incident)).toEqual([`${B} c2 ${EVIL}`, `${C} c2 ${EVIL}`]);
  // the next incident of a host is another one
  expect(correlate(infect(A, QUIET_US + 100, alone()), after).get(A)).not.toHaveProperty('related');
});

test('an outbreak: each names 50 others at most, is told again as often, and all stay one campaign', () => {
  const correlator = create();
  const told = new Map<string, number>();
  const all = new Map<string, Incident>();
  for (let i = 0; i < 300; i++) {
    for (const event of infect(`10.1.${i >> 8}.${i & 255}`, i * 10, EVIL)) {
      const { incident, related = [] } = correlator.add(event);
      for (const one of [...related, incident]) {
        if (one === undefined) continue;
        all.set(one.id, one);
        told.set(one.host, (told.get(one.host) ?? 0) + 1);
      }
    }
  }
  expect(Math.max(...[...all.values()].map(({ related = [] }) => related.length))).toBe(50);
  expect(Math.max(...told.values())).toBeLessThanOrEqual(51);
  expect(findCampaigns([...all.values()]).map(({ hosts }) => hosts.length)).toEqual([300]);
});

test('an address that many quiet hosts talk to joins nobody; one that only the infected use does', () => {
  const flow = (src_ip: string, dest_ip: string): EveRecord => ({
    timestamp: '2026-11-24T12:00:00.000000+0000',
    event_type: 'flow',
    src_ip,
    dest_ip,
    dest_port: 443,
    proto: 'TCP',
    flow: { pkts_toserver: 5, pkts_toclient: 5, bytes_toserver: 900, bytes_toclient: 900, start: '' },
  });
  for (const quiet of [3, 4]) {
    const analysis = new Analysis(['10.0.0.0/8'], [], false);
    for (let i = 0; i < quiet; i++) analysis.push(flow(`10.9.0.${i + 1}`, EVIL));
    for (const host of [A, B]) analysis.push(flow(host, EVIL));
    const found = correlate([...infect(A, 0, EVIL), ...infect(B, 5, EVIL)], analysis.correlator);
    expect(found.get(B)?.related?.length).toBe(quiet === 3 ? 1 : undefined);
  }
});
