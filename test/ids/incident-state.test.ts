// What the correlator knows survives a restart, also where the spool no longer holds its first evidence.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SensorEvent } from '../../src/api/event.ts';
import { loadIncidentState, saveIncidentState } from '../../src/ids/incident-state.ts';
import { Intake } from '../../src/ids/intake.ts';
import { Correlator } from '../../src/incidents/correlate.ts';
import { pathsUnder } from '../../src/paths.ts';

let root: string;
const paths = () => pathsUnder(root);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-state-'));
  mkdirSync(paths().stateDir('ids'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const NETWORKS = { homeNet: ['10.0.0.0/8'] };
const newIntake = (networks: { homeNet: string[]; trusted?: string[] } = NETWORKS) =>
  new Intake(networks, { eveRecords: 0, tiedRecords: new Set() });
const alertOf = (second: number, signature: string, host = '10.0.0.5') => ({
  timestamp: `2026-11-24T12:00:${10 + second}.000000+0000`,
  event_type: 'alert',
  src_ip: host,
  dest_ip: '198.51.100.9',
  alert: { action: 'allowed', gid: 1, signature_id: second, rev: 1, signature, category: '', severity: 1 },
});
const FIRST = alertOf(1, 'ET MALWARE x Checkin');
const SECOND = alertOf(2, 'ET MALWARE x Dropper');
const THIRD = alertOf(3, 'ET WORM x outbound');
const incidentOf = (events: SensorEvent[]) =>
  events.flatMap((event) => (event.type === 'incident' ? event.incident : [])).at(-1);
const take = (intake: Intake, ...records: object[]) =>
  incidentOf(intake.take(records.map((record) => JSON.stringify(record))));

test('an incident keeps its number and evidence, and grows', () => {
  const before = newIntake();
  const opened = take(before, FIRST, SECOND);
  saveIncidentState(paths(), before.correlator, { record: 2, log: 7 });
  const after = newIntake();
  expect(loadIncidentState(paths(), after.correlator)).toEqual({ record: 2, log: 7 });
  expect(take(after, THIRD)).toMatchObject({ id: opened?.id, phases: ['download', 'c2', 'spread'] });
});

test('what the state knows already is not counted again; what came after it is', () => {
  const before = newIntake();
  take(before, FIRST);
  saveIncidentState(paths(), before.correlator, { record: 1, log: 0 });
  take(before, SECOND);
  const after = newIntake();
  const known = loadIncidentState(paths(), after.correlator)!;
  for (const [number, eve] of [FIRST, SECOND].entries()) {
    after.remember({ type: 'alert', timeUs: 0, eve }, number < known.record);
  }
  const grown = take(after, THIRD);
  expect(grown?.phases).toEqual(['download', 'c2', 'spread']);
  expect(grown?.evidence.map(({ count }) => count)).toEqual([undefined, undefined, undefined]);
});

test('a torn file and none at all: nothing is known', () => {
  expect(loadIncidentState(paths(), new Correlator())).toBeUndefined();
  writeFileSync(join(paths().stateDir('ids'), 'incidents.ndjson'), '{"record":1,"log"');
  expect(loadIncidentState(paths(), new Correlator())).toBeUndefined();
});

test('other networks: what is known of hosts that are still ours stays, the allow-list holds from now on', () => {
  const intake = newIntake();
  take(intake, FIRST, alertOf(1, 'ET MALWARE x Checkin', '10.9.0.5'));
  intake.setNetworks({ homeNet: ['10.0.0.0/16'] });
  expect(take(intake, SECOND)).toMatchObject({ host: '10.0.0.5' });
  expect(take(intake, alertOf(2, 'ET MALWARE x Dropper', '10.9.0.5'))).toBeUndefined();
  intake.setNetworks({ homeNet: ['10.0.0.0/16'], trusted: ['198.51.100.0/24'] });
  expect(take(intake, THIRD)).toBeUndefined();
});
