// A person's word on an incident: from a browser through the portal into ids' stream, and back out of ids as the incident.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SensorEvent } from '../../src/api/event.ts';
import { Intake } from '../../src/ids/intake.ts';
import { VerdictFollower } from '../../src/ids/verdict-follower.ts';
import { START } from '../../src/spool/bookmark.ts';
import { NOON_US } from '../archive/sample.ts';
import { PortalProcess } from './portal-process.ts';

const portal = new PortalProcess();
const incident = {
  id: '0123456789abcdef',
  host: '10.0.0.5',
  score: 1.2,
  rank: 60,
  phases: ['exploit' as const, 'c2' as const],
  firstUs: NOON_US,
  lastUs: NOON_US,
  state: 'open' as const,
  evidence: [],
  evidenceDropped: 0,
};
const event: SensorEvent = { type: 'incident', timeUs: NOON_US, incident };
const say = (id: string, body: object) =>
  portal.ask(`/api/incidents/${id}`, { method: 'POST', body: JSON.stringify(body) });

beforeAll(async () => {
  await portal.makeAccounts();
  writeFileSync(portal.paths.desiredFile, JSON.stringify({ archive: { days: 3650 } }));
  await portal.start();
  await portal.store(1, 'ids', event);
});
afterAll(() => portal.remove());

test('a verdict needs a login, is audited, and comes to ids, which says the incident anew', async () => {
  expect((await say(incident.id, { state: 'closed' })).status).toBe(401);
  await portal.login('anna');
  const answer = await say(incident.id, { state: 'closed', truth: 'false', note: 'our scanner' });
  expect(answer.status).toBe(200);
  const audit = readFileSync(join(portal.paths.stateDir('portal'), 'audit.log'), 'utf8');
  expect(audit).toContain('anna: incident 0123456789abcdef of 10.0.0.5 is closed (a false alarm: our scanner)');
  const follower = new VerdictFollower(portal.paths.spoolDir('verdicts'), { ...START });
  const [said] = follower.read();
  expect(follower.read()).toEqual([]);
  const intake = new Intake({ homeNet: ['10.0.0.0/8'] }, { eveRecords: 0, tiedRecords: new Set() });
  const verdict = { state: 'closed', truth: 'false', note: 'our scanner', by: 'anna' };
  // over, and known to the archive only: what was known of it stays
  expect(intake.judge(said)).toMatchObject([{ type: 'incident', incident: { ...incident, state: 'closed', verdict } }]);
});

test('nonsense and unknown incidents are refused', async () => {
  await portal.login('anna');
  expect((await say('unknown', { state: 'closed' })).status).toBe(404);
  expect((await say(incident.id, { state: 'maybe' })).status).toBe(400);
});
