// The sensor's own trouble: said once when it lasts, and again when it is over.
import { expect, test } from 'vitest';
import type { ServiceStatus } from '../../src/api/status.ts';
import { type Condition, HealthWatch } from '../../src/respond/health-watch.ts';

const START_MS = 1_700_000_000_000;
const capture = (nowMs: number, change: Partial<ServiceStatus> = {}): ServiceStatus => ({
  service: 'capture',
  state: 'running',
  message: 'stores',
  pid: 1,
  startedMs: START_MS,
  updatedMs: nowMs,
  counters: { receivedPackets: nowMs },
  detail: {},
  warnings: [],
  ...change,
});
/** Looks every 15 s for `seconds`, and answers what was told. */
function watchFor(watch: HealthWatch, fromMs: number, seconds: number, see: (nowMs: number) => Partial<Condition>) {
  const told: string[] = [];
  for (let nowMs = fromMs; nowMs <= fromMs + seconds * 1000; nowMs += 15_000) {
    const condition = { nowMs, services: { capture: capture(nowMs) }, freeShare: 0.5, ...see(nowMs) };
    told.push(...watch.look(condition).map(({ title }) => title));
  }
  return told;
}

test('a healthy sensor says nothing', () => {
  expect(watchFor(new HealthWatch(), START_MS, 3600, () => ({}))).toEqual([]);
});

test('trouble that lasts is said once, and its end once', () => {
  const watch = new HealthWatch();
  const degraded = (nowMs: number) => ({
    services: { capture: capture(nowMs, { state: 'degraded', message: 'the share is gone' }) },
  });
  expect(watchFor(watch, START_MS, 45, degraded)).toEqual([]);
  expect(watchFor(watch, START_MS + 60_000, 600, degraded)).toEqual(['capture: the share is gone']);
  expect(watchFor(watch, START_MS + 700_000, 600, () => ({}))).toEqual(['capture: well again']);
});

test('a restart is no trouble', () => {
  const stopped = (nowMs: number) => ({ services: { capture: capture(nowMs, { state: 'stopped' }) } });
  const watch = new HealthWatch();
  expect(watchFor(watch, START_MS, 30, stopped)).toEqual([]);
  expect(watchFor(watch, START_MS + 45_000, 600, () => ({}))).toEqual([]);
});

test.each<[string, (nowMs: number) => Partial<Condition>, RegExp]>([
  ['dead', () => ({ services: { capture: undefined } }), /^capture: has not started/],
  ['silent', () => ({ services: { capture: capture(START_MS - 120_000) } }), /^capture: shows no sign of work/],
  ['a full disk', () => ({ freeShare: 0.04 }), /^system disk: 4.0 % free/],
])('%s', (_, see, title) => {
  const told = watchFor(new HealthWatch(), START_MS, 300, see);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(title);
});

test('no packet for ten minutes is told, and that they flow again', () => {
  const watch = new HealthWatch();
  const dry = (nowMs: number) => ({ services: { capture: capture(nowMs, { counters: { receivedPackets: 7 } }) } });
  expect(watchFor(watch, START_MS, 595, dry)).toEqual([]);
  expect(watchFor(watch, START_MS + 600_000, 300, dry)).toEqual([expect.stringMatching(/^traffic: no packet/)]);
  expect(watchFor(watch, START_MS + 1_000_000, 60, () => ({}))).toEqual(['traffic: well again']);
});
