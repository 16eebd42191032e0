// What the correlator knows, kept over a restart: one JSON line a host, the places in the streams up to which it was
// seen, and what was learned of the rules. What came after those places is shown to it again from the spool.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Correlator } from '../incidents/correlate.ts';
import type { ProfileState } from '../incidents/profile.ts';
import type { SourceRecord } from '../incidents/truth.ts';
import { writeFileAtomic } from '../os/atomic-file.ts';
import type { Paths } from '../paths.ts';

/** Incidents first, then hosts that act; about 600 bytes each. */
const MAX_HOSTS = 20_000;

export interface SeenUpTo {
  /** number of the first record of ids' own stream that the state knows nothing of */
  record: number;
  /** the same in syslog-x's stream */
  log: number;
}

interface Head extends SeenUpTo {
  truth: [string, SourceRecord][];
}

const stateFile = (at: Paths): string => join(at.stateDir('ids'), 'incidents.ndjson');

/** @throws MssError 'io' */
export function saveIncidentState(at: Paths, correlator: Correlator, seen: SeenUpTo): void {
  const head: Head = { ...seen, truth: correlator.truth.entries() };
  const lines = [JSON.stringify(head)];
  for (const state of correlator.states()) {
    if (lines.length > MAX_HOSTS) break;
    lines.push(JSON.stringify(state));
  }
  writeFileAtomic(stateFile(at), `${lines.join('\n')}\n`);
}

/** Gives a new correlator what was saved. @returns how far it has seen; undefined where nothing readable was saved */
export function loadIncidentState(at: Paths, correlator: Correlator): SeenUpTo | undefined {
  try {
    const [head, ...states] = readFileSync(stateFile(at), 'utf8').trimEnd().split('\n');
    const { record, log, truth } = JSON.parse(head) as Head;
    if (!Number.isSafeInteger(record) || !Number.isSafeInteger(log)) return undefined;
    correlator.truth.restore(truth);
    // the last one touched is the newest
    for (const state of states.reverse()) correlator.restore(JSON.parse(state) as ProfileState);
    return { record, log };
  } catch {
    return undefined; // none yet, or torn by hand: the spool that is left is shown again
  }
}
