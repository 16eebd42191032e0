// Which steps make an incident and which do not; bounds; and that nothing but record time counts.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Incident, PHASES, type Phase } from '../../src/api/incident.ts';
import { Correlator, JOIN_WINDOW_US, QUIET_US } from '../../src/incidents/correlate.ts';
import type { DialogEvent } from '../../src/incidents/dialog-event.ts';
import { OUTBOUND } from '../../src/incidents/phase-weight.ts';
import { MAX_EVIDENCE } from '../../src/incidents/profile.ts';

const step = (phase: Phase, timeUs: number, more: Partial<DialogEvent> = {}): DialogEvent => ({
  timeUs,
  phase,
  detector: 'alert',
  summary: `${phase} seen`,
  rule: `1:${PHASES.indexOf(phase) + 1}:1`,
  host: '10.0.0.5',
  src_ip: '10.0.0.5',
  dest_ip: '198.51.100.9',
  confidence: 0.9,
  ...more,
});
const correlate = (events: DialogEvent[], correlator = new Correlator()) => {
  const incidents = new Map<string, Incident>();
  for (const event of events) {
    const incident = correlator.add(event);
    if (incident !== undefined) incidents.set(incident.id, incident);
  }
  return [...incidents.values()];
};

test('of all pairs of phases exactly those with an act of the host itself are an incident', () => {
  for (const a of PHASES) {
    for (const b of PHASES) {
      const made = correlate([step(a, 0), step(b, 1)]).length === 1;
      const weakBoth = !['exploit', 'download', 'c2', 'spread'].some((phase) => phase === a || phase === b);
      const wanted = a !== b && (OUTBOUND.has(a) || OUTBOUND.has(b));
      if (!weakBoth) expect(`${a} ${b} ${made}`).toBe(`${a} ${b} ${wanted}`);
      else if (made) expect(wanted).toBe(true);
    }
  }
});

test('the whole dialogue: exploit, download, control, spread', () => {
  const [incident] = correlate([step('exploit', 1), step('download', 2), step('c2', 3), step('spread', 4)]);
  expect(incident).toMatchObject({
    host: '10.0.0.5',
    phases: ['exploit', 'download', 'c2', 'spread'],
    firstUs: 1,
    lastUs: 4,
    state: 'open',
  });
  expect(incident.evidence.map(({ phase }) => phase)).toEqual(['exploit', 'download', 'c2', 'spread']);
  expect(incident.evidence[0]).not.toHaveProperty('confidence');
  expect(incident.rank).toBeGreaterThan(60);
  expect(incident.reasons?.join()).toContain('attacked first');
});

test('near misses: too far apart, on different hosts, both weak', () => {
  expect(correlate([step('exploit', 0), step('c2', JOIN_WINDOW_US + 1)])).toEqual([]);
  expect(correlate([step('exploit', 0), step('c2', 1, { host: '10.0.0.6' })])).toEqual([]);
  expect(correlate([step('scan-in', 0, { confidence: 0.3 }), step('c2', 1, { confidence: 0.3 })])).toEqual([]);
});

test('an incident grows while there is news, and what comes after a quiet day is another', () => {
  const correlator = new Correlator();
  const first = correlate([step('exploit', 0), step('c2', 1)], correlator)[0];
  const grown = correlator.add(step('spread', QUIET_US));
  expect(grown).toMatchObject({ id: first.id, phases: ['exploit', 'c2', 'spread'] });
  const later = 3 * QUIET_US;
  const [other] = correlate([step('exploit', later), step('c2', later + 1)], correlator);
  expect(other.id).not.toBe(first.id);
});

test('the same step again is no news', () => {
  const correlator = new Correlator();
  correlate([step('exploit', 0), step('c2', 1)], correlator);
  expect(correlator.add(step('c2', 2))).toBeUndefined();
});

test('evidence is bounded, what is left out is counted, and a new phase always has room', () => {
  const correlator = new Correlator();
  const spread = Array.from({ length: MAX_EVIDENCE + 64 }, (_, i) =>
    step('spread', 3 + i, { dest_ip: `198.51.0.${i}` }),
  );
  const full = correlate([step('exploit', 0), ...spread], correlator).at(-1);
  expect(full?.evidence).toHaveLength(MAX_EVIDENCE);
  expect(full?.evidenceDropped).toBe(64);
  const next = correlator.add(step('c2', 1000));
  expect(next?.evidence).toHaveLength(MAX_EVIDENCE + 1);
  expect(next).toMatchObject({ phases: ['exploit', 'c2', 'spread'], evidenceDropped: 65 });
});

test('hosts are bounded: the one longest silent is given up', () => {
  const correlator = new Correlator(100);
  for (let i = 0; i < 300; i++) correlator.add(step('exploit', i, { host: `10.1.${i >> 8}.${i & 255}` }));
  expect(correlator.evictedHosts).toBe(200);
  expect(correlator.add(step('c2', 301, { host: '10.1.0.0' }))).toBeUndefined();
  expect(correlator.add(step('c2', 302, { host: '10.1.1.43' }))).toBeDefined();
});

test('steps of one instant give the same incident in any order', () => {
  const events = [
    step('exploit', 5),
    step('c2', 5),
    step('spread', 5, { dest_ip: '203.0.113.4' }),
    step('download', 5),
  ];
  const expected = correlate(events).at(-1);
  fc.assert(
    fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (order) => {
      expect(correlate(order).at(-1)).toEqual(expected);
    }),
  );
});
