// Control as a service: what was left unconfirmed goes back, sockets open, storage is found, then jobs come.
import { setTimeout as sleep } from 'node:timers/promises';
import { MssError, messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { type AskControl, controlOver } from '../os/control-client.ts';
import { findIdentity } from '../os/identity-file.ts';
import type { Service } from '../os/run-service.ts';
import type { Paths } from '../paths.ts';
import { CALLER_GROUPS, type Caller } from './allowed.ts';
import type { Machine } from './jobs.ts';
import { makeJobs } from './make-jobs.ts';
import { serveControl } from './service.ts';

const PING_MS = 5000;
const IDENTITY_LOOK_MS = 500;
const JOBS_SHOWN = 10;

export async function runControl(service: Service, machine: Machine): Promise<void> {
  const { at, ids } = machine;
  const { jobs, network } = makeJobs(machine, (text) => service.warn(text));
  const recent: { timeMs: number; caller: Caller; job: string; outcome: string }[] = [];
  service.detail.jobs = recent;
  Object.assign(service.counters, { doneJobs: 0, failedJobs: 0, refusedJobs: 0 });

  await network.recover();
  const server = await serveControl({
    jobs,
    socketFile: (caller) => at.controlSocket(caller),
    groupId: (caller) => findGroup(machine, caller, (text) => service.warn(text)),
    onJob: (caller, job, outcome, text) => {
      service.counters[`${outcome}Jobs`]++;
      recent.push({ timeMs: Date.now(), caller, job, outcome });
      if (recent.length > JOBS_SHOWN) recent.shift();
      log(outcome === 'done' ? 'notice' : 'warning', `${caller} asked for "${job}": ${outcome}: ${text}`);
    },
  });
  const ask = controlOver(at.controlSocket('console'));
  service.ready('takes jobs');
  // Beside the pings: looking for storage may take minutes, and the first start comes before it.
  const storage = ids === undefined ? Promise.resolve() : findStorageAtStart(service, at, ask);
  await Promise.all([storage, answerOneself(service, ask)]);
  network.close();
  await server.close();
}

/** A group that is not there (a service not installed) leaves its socket to root alone. */
function findGroup({ ids }: Machine, caller: Caller, onWarning: (text: string) => void): number | undefined {
  try {
    return ids?.group(CALLER_GROUPS[caller]);
  } catch (error) {
    onWarning(`socket of ${caller}: ${messageOf(error)}`);
    return undefined;
  }
}

/** Storage is this sensor's own folder, so its name has to be there: first start makes it, beside us. */
async function waitForIdentity(service: Service, at: Paths): Promise<void> {
  while (!service.signal.aborted && findIdentity(at) === undefined) {
    await sleep(IDENTITY_LOOK_MS, undefined, { signal: service.signal }).catch(() => {});
  }
}

async function findStorageAtStart(service: Service, at: Paths, ask: AskControl): Promise<void> {
  try {
    await waitForIdentity(service, at);
    if (service.signal.aborted) return;
    const { text } = await ask({ job: 'find-storage' }, (note) => log('notice', note));
    service.say('running', `takes jobs; ${text}`);
  } catch (error) {
    service.warn(messageOf(error));
    service.say('degraded', messageOf(error));
  }
}

/** The watchdog is fed by jobs that were answered over the socket, as anybody's would be. */
async function answerOneself(service: Service, ask: AskControl): Promise<void> {
  const turn = service.loop('sockets');
  while (!service.signal.aborted) {
    await ask({ job: 'ping' });
    turn();
    await sleep(PING_MS, undefined, { signal: service.signal }).catch(() => {
      if (!service.signal.aborted) throw new MssError('control', 'the wait between two pings was broken off');
    });
  }
}
