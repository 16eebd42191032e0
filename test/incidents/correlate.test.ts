// Which steps make an incident and which do not; bounds; verdicts; and that nothing but record time counts.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Incident, PHASES, type Phase, type Verdict } from '../../src/api/incident.ts';
import { Correlator, LEAST_SCORE, QUIET_US } from '../../src/incidents/correlate.ts';
import type { DialogEvent } from '../../src/incidents/dialog-event.ts';
import { HARD_WINDOW_US, OUTBOUND, PHASE_WEIGHT, SOFT_WINDOW_US } from '../../src/incidents/phase-weight.ts';
import { MAX_EVIDENCE } from '../../src/incidents/profile.ts';

const HOST = '10.0.0.5';
const FAR = '198.51.100.9';
const step = (phase: Phase, timeUs: number, more: Partial<DialogEvent> = {}): DialogEvent => ({
  timeUs,
  phase,
  detector: 'alert',
  summary: `${phase} seen`,
  rule: `1:${PHASES.indexOf(phase) + 1}:1`,
  host: HOST,
  src_ip: HOST,
  dest_ip: FAR,
  confidence: 0.9,
  ...more,
});
const correlate = (events: DialogEvent[], correlator = new Correlator()) => {
  const incidents = new Map<string, Incident>();
  for (const event of events) {
    const { incident } = correlator.add(event);
    if (incident !== undefined) incidents.set(incident.id, incident);
  }
  return [...incidents.values()];
};

test('of all pairs of phases: an exploit and an act of the host, or two acts, that weigh enough together', () => {
  for (const a of PHASES) {
    for (const b of PHASES) {
      const acts = [a, b].filter((phase) => OUTBOUND.has(phase)).length;
      const heavy = (PHASE_WEIGHT[a] + PHASE_WEIGHT[b]) * 0.9 >= LEAST_SCORE;
      const wanted = a !== b && heavy && (acts === 2 || (acts === 1 && (a === 'exploit' || b === 'exploit')));
      const made = correlate([step(a, 0), step(b, 1)]).length === 1;
      expect(`${a} ${b} ${made}`).toBe(`${a} ${b} ${wanted}`);
    }
  }
});

test('the whole dialogue: exploit, download, control, spread, with who took part', () => {
  const [incident] = correlate([
    step('exploit', 1, { src_ip: '203.0.113.1', dest_ip: HOST }),
    step('download', 2, { src_ip: '203.0.113.2', dest_ip: HOST }),
    step('c2', 3),
    step('spread', 4, { dest_ip: '10.0.0.6' }),
  ]);
  expect(incident).toMatchObject({
    host: HOST,
    phases: ['exploit', 'download', 'c2', 'spread'],
    actors: { attackers: ['203.0.113.1'], eggSources: ['203.0.113.2'], controllers: [FAR], targets: ['10.0.0.6'] },
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
  expect(correlate([step('exploit', 0), step('c2', HARD_WINDOW_US + 1)])).toEqual([]);
  expect(correlate([step('exploit', 0), step('c2', 1, { host: '10.0.0.6' })])).toEqual([]);
  expect(correlate([step('exploit', 0, { confidence: 0.4 }), step('c2', 1, { confidence: 0.4 })])).toEqual([]);
  expect(correlate([step('prepare', 0), step('c2', 1, { confidence: 0.2 })])).toEqual([]);
});

test('a weak step waits a short time only, a strong one a long time', () => {
  const weak = step('download', 0, { confidence: 0.4 });
  expect(correlate([weak, step('c2', SOFT_WINDOW_US)])).toHaveLength(1);
  expect(correlate([weak, step('c2', SOFT_WINDOW_US + 1)])).toEqual([]);
  expect(correlate([step('download', 0), step('c2', HARD_WINDOW_US)])).toHaveLength(1);
  // told of late, as a long flow is: its own time counts
  expect(correlate([step('c2', HARD_WINDOW_US + 1), step('download', 0)])).toEqual([]);
});

test('an incident grows while there is news, and what comes after a quiet day is another', () => {
  const correlator = new Correlator();
  const first = correlate([step('exploit', 0), step('c2', 1)], correlator)[0];
  const grown = correlator.add(step('spread', QUIET_US)).incident;
  expect(grown).toMatchObject({ id: first.id, phases: ['exploit', 'c2', 'spread'] });
  const later = 3 * QUIET_US;
  const [other] = correlate([step('exploit', later), step('c2', later + 1)], correlator);
  expect(other.id).not.toBe(first.id);
});

test('the same step again is no news, but counted', () => {
  const correlator = new Correlator();
  correlate([step('exploit', 0), step('c2', 1)], correlator);
  expect(correlator.add(step('c2', 2))).toEqual({});
  expect(correlator.add(step('spread', 3)).incident?.evidence[1]).toMatchObject({ phase: 'c2', count: 2, lastUs: 2 });
});

test('a surer word on the same step says what it was', () => {
  const correlator = new Correlator();
  const said = (summary: string, confidence: number) =>
    correlator.add(step('spread', 0, { summary, confidence })).suspect?.evidence[0].summary;
  expect(said('an object was created', 0.5)).toBe('an object was created');
  expect(said('a WMI session was opened', 0.6)).toBe('a WMI session was opened');
  expect(said('an object was created', 0.5)).toBeUndefined();
});

test('one loud step makes a suspect with a rank; being scanned, or a weak sign, does not', () => {
  const correlator = new Correlator();
  expect(correlator.add(step('spread', 0))).toMatchObject({ suspect: { host: HOST, phases: ['spread'] } });
  expect(correlator.add(step('scan-in', 0, { host: '10.0.0.6' })).suspect).toBeUndefined();
  expect(correlator.add(step('c2', 0, { host: '10.0.0.7', confidence: 0.3 })).suspect).toBeUndefined();
  const { incident, suspect } = correlator.add(step('c2', 1));
  expect(incident).toBeDefined();
  expect(suspect).toBeUndefined();
});

const verdict = (more: Partial<Verdict>): Verdict => ({ state: 'closed', by: 'ada', timeUs: 5, ...more });

test('a person closes it, repeats do not disturb that, new evidence opens it again', () => {
  const correlator = new Correlator();
  const [{ id }] = correlate([step('exploit', 0), step('c2', 1)], correlator);
  expect(correlator.judge(HOST, id, verdict({ note: 'cleaned' }))[0]).toMatchObject({
    id,
    state: 'closed',
    rank: expect.toSatisfy((rank: number) => rank <= 0),
  });
  expect(correlator.hasIncident(HOST)).toBe(false);
  expect(correlator.add(step('c2', 6))).toEqual({});
  const again = correlator.add(step('spread', 7)).incident;
  expect(again).toMatchObject({ id, state: 'open', reopened: 1, verdict: { note: 'cleaned', by: 'ada' } });
  expect(correlator.hasIncident(HOST)).toBe(true);
  expect(correlator.judge(HOST, 'another', verdict({}))).toEqual([]);
});

test('what persons call false makes a rule rank lower, what was right makes it rank higher', () => {
  const rankAfter = (truth: 'true' | 'false') => {
    const correlator = new Correlator();
    for (let i = 0; i < 12; i++) {
      const host = `10.0.1.${i}`;
      const [{ id }] = correlate([step('exploit', i, { host }), step('c2', i, { host })], correlator);
      correlator.judge(host, id, verdict({ truth }));
    }
    return correlate([step('exploit', 20), step('c2', 20)], correlator)[0];
  };
  expect(rankAfter('false').rank).toBeLessThan(rankAfter('true').rank);
  expect(rankAfter('false').reasons?.join()).toContain('hardly ever');
});

test('allow-list: what own scanners do, and what is fetched from known servers, is no step; an attack on them is', () => {
  const trusted = new Correlator((address) => address === '10.0.0.99');
  const scanner = { host: '10.0.0.99', src_ip: '10.0.0.99', dest_ip: HOST };
  expect(correlate([step('spread', 0, scanner), step('prepare', 1, scanner)], trusted)).toEqual([]);
  expect(trusted.add(step('exploit', 2, { src_ip: '10.0.0.99', dest_ip: HOST }))).toEqual({});
  expect(trusted.add(step('download', 2, { src_ip: '10.0.0.99', dest_ip: HOST }))).toEqual({});
  const attacked = { host: '10.0.0.99', src_ip: FAR, dest_ip: '10.0.0.99' };
  expect(correlate([step('exploit', 3, attacked), step('c2', 4, attacked)], trusted)).toHaveLength(1);
});

test('evidence is bounded, what is left out is counted, and a new phase always has room', () => {
  const correlator = new Correlator();
  const spread = Array.from({ length: MAX_EVIDENCE + 64 }, (_, i) =>
    step('spread', 3 + i, { dest_ip: `198.51.0.${i}` }),
  );
  const full = correlate([step('exploit', 0), ...spread], correlator).at(-1);
  expect(full?.evidence).toHaveLength(MAX_EVIDENCE);
  expect(full?.evidenceDropped).toBe(64);
  const next = correlator.add(step('c2', 1000)).incident;
  expect(next?.evidence).toHaveLength(MAX_EVIDENCE + 1);
  expect(next).toMatchObject({ phases: ['exploit', 'c2', 'spread'], evidenceDropped: 65 });
});

test('hosts are bounded: who only was attacked is given up first, then the one longest silent', () => {
  const correlator = new Correlator(undefined, { maxHosts: 100 });
  const host = (i: number) => `10.1.${i >> 8}.${i & 255}`;
  for (let i = 0; i < 50; i++) correlator.add(step('c2', i, { host: host(i) }));
  for (let i = 50; i < 300; i++) correlator.add(step('exploit', i, { host: host(i) }));
  expect(correlator.evictedHosts).toBe(200);
  expect(correlator.add(step('exploit', 301, { host: host(0) })).incident).toBeDefined();
  expect(correlator.add(step('c2', 302, { host: host(60) })).incident).toBeUndefined();
  expect(correlator.add(step('c2', 303, { host: host(299) })).incident).toBeDefined();
});

test('what is kept of hosts is bounded: the one longest silent is given up', () => {
  const correlator = new Correlator(undefined, { maxAwakeSteps: 300, maxPackedBytes: 20_000 });
  const host = (i: number) => `10.1.0.${i}`;
  for (let i = 0; i < 50; i++)
    for (let k = 0; k < 50; k++) correlator.add(step('spread', i, { host: host(i), dest_ip: `198.51.100.${k}` }));
  expect(correlator.evictedHosts).toBeGreaterThan(30);
  expect(correlator.evictedHosts).toBeLessThan(50);
  expect(correlator.add(step('c2', 51, { host: host(0) })).incident).toBeUndefined();
  expect(correlator.add(step('c2', 52, { host: host(49) })).incident).toBeDefined();
});

test('hosts packed away make the same incidents as hosts at hand', () => {
  const phases = fc.constantFrom(...PHASES);
  const events = fc.array(fc.tuple(phases, fc.nat(6), fc.nat(3)), { maxLength: 60 });
  fc.assert(
    fc.property(events, (drawn) => {
      const steps = drawn.map(([phase, host, far], i) =>
        step(phase, i, { host: `10.0.0.${host}`, dest_ip: `198.51.100.${far}`, src_ip: `10.0.0.${host}` }),
      );
      const packed = new Correlator(undefined, { maxAwakeSteps: 3 });
      const atHand = new Correlator();
      for (const one of steps) expect(packed.add(one)).toEqual(atHand.add(one));
      expect([...packed.states()]).toEqual([...atHand.states()]);
    }),
  );
});

test('state survives as JSON: incidents keep their number, hosts that act their steps', () => {
  const before = new Correlator();
  const [{ id }] = correlate([step('exploit', 0), step('c2', 1)], before);
  before.judge(HOST, id, verdict({}));
  before.add(step('download', 2, { host: '10.0.0.6' }));
  const after = new Correlator();
  for (const state of before.states()) after.restore(JSON.parse(JSON.stringify(state)));
  expect(after.add(step('spread', 3)).incident).toMatchObject({ id, reopened: 1, phases: ['exploit', 'c2', 'spread'] });
  expect(after.add(step('c2', 3, { host: '10.0.0.6' })).incident).toBeDefined();
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
