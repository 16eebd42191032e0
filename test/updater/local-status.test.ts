import { expect, test } from 'vitest';
import { type LocalFacts, readRulesUpdated, renderAge, renderLocalStatus } from '../../src/updater/local-status.ts';

const DAY_MS = 86_400_000;
const facts: LocalFacts = {
  nowMs: 100 * DAY_MS,
  version: '2.0.0',
  source: '',
  offered: undefined,
  sourceProblem: undefined,
  rulesUpdatedMs: 99.9 * DAY_MS,
};

test.each<[Partial<LocalFacts>, string, boolean]>([
  [{}, 'release 2.0.0; release.source is empty: stays on this release; rules 2 h old', true],
  [{ source: '/srv/r' }, 'release 2.0.0; no release lies in /srv/r; rules 2 h old', true],
  [{ source: '/srv/r', offered: '2.0.0' }, 'release 2.0.0; the newest of /srv/r; rules 2 h old', true],
  [{ source: '/srv/r', offered: '2.1.0' }, 'release 2.0.0; release 2.1.0 lies in /srv/r; rules 2 h old', true],
  [{ source: '/srv/r', sourceProblem: 'no such folder' }, 'release 2.0.0; no such folder; rules 2 h old', false],
  [
    { rulesUpdatedMs: undefined },
    'release.source is empty: stays on this release; age of the rules not known yet',
    true,
  ],
  [{ rulesUpdatedMs: 90 * DAY_MS }, 'rules 10 days old: run "mss rules update" and read what it says', false],
  [{ version: undefined }, 'not an installed release; release.source is empty', true],
  [{ source: 'https://releases.example/' }, 'is no folder: a URL needs a controller', false],
])('%j', (change, text, isHealthy) => {
  const said = renderLocalStatus({ ...facts, ...change });
  expect(said.text).toContain(text);
  expect(said.isHealthy).toBe(isHealthy);
});

test("the rules' time is read out of ids' status, whatever else stands there", () => {
  const status = { service: 'ids', state: 'running', message: '', pid: 1, startedMs: 0, updatedMs: 0 } as const;
  const withRules = (rules: unknown) => ({ ...status, counters: {}, detail: { rules }, warnings: [] });
  expect(readRulesUpdated(withRules({ count: 5, updatedMs: 7 }))).toBe(7);
  for (const odd of [undefined, null, 'x', {}, { updatedMs: 'x' }])
    expect(readRulesUpdated(withRules(odd))).toBeUndefined();
  expect(readRulesUpdated(undefined)).toBeUndefined();
});

test('ages', () => {
  expect([0, 119 * 60_000, 2 * 3_600_000, 47 * 3_600_000, 2 * DAY_MS].map(renderAge)).toEqual([
    '0 min',
    '119 min',
    '2 h',
    '47 h',
    '2 days',
  ]);
});
