// First start, once in a machine's life: identity, disk growth, then the answers that lay ready. The ssh host keys are
// made by Debian's own sshd-keygen.service, which runs before sshd.
import { randomUUID } from 'node:crypto';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Management } from '../api/management.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { writeFileAtomic } from '../os/atomic-file.ts';
import { findIdentity, writeIdentity } from '../os/identity-file.ts';
import { readInterfaces } from '../os/interfaces.ts';
import type { Run } from '../os/process.ts';
import type { Service } from '../os/run-service.ts';
import type { Paths } from '../paths.ts';
import { forgetPassword } from './forget-answers.ts';
import { growDisk } from './grow-disk.ts';
import { type AnswerPlan, planAnswers } from './plan-answers.ts';
import { readAnswers } from './read-answers.ts';
import { readStepState, runSteps, type Step } from './steps.ts';

/** The privileged jobs that answers need, as control carries them out. */
export interface AnswerJobs {
  setPassword(password: string): Promise<unknown>;
  setTimeZone(timeZone: string): Promise<unknown>;
  setNetwork(management: Management): Promise<unknown>;
  configure(desired: SensorConfig): Promise<unknown>;
}

export interface FirstbootOptions {
  run: Run;
  at: Paths;
  jobs: AnswerJobs;
}

/** One step may take this long on a slow machine with a large disk. */
const STEP_MS = 330_000;

/** `/var/lib/mss/firstboot/done` keeps the unit from starting ever again. */
export async function runFirstboot(service: Service, options: FirstbootOptions): Promise<void> {
  const { at } = options;
  const stateFile = at.firstStartFile;
  const failed = await runSteps(stateFile, planSteps(options), (name) => {
    service.extendTimeout(STEP_MS);
    service.say('starting', `first start: ${name}`);
    log('notice', name);
  });
  for (const text of [...readStepState(stateFile).problems, ...failed]) service.warn(text);
  if (failed.length > 0) throw new Error(`first start is not over, the next boot tries again: ${failed.join('; ')}`);
  rmSync(at.seedFile, { force: true }); // it may hold a password
  writeFileAtomic(join(at.stateDir('firstboot'), 'done'), '');
}

function planSteps({ run, at, jobs }: FirstbootOptions): Step[] {
  const appliance = existsSync(`${at.root}/nsm/etc/appliance`);
  return [
    { name: 'identity', run: async () => makeIdentity(at) },
    ...(appliance ? [{ name: 'disk growth', run: async () => growDisk(run).then(() => []) }] : []),
    { name: 'answers', run: () => applyAnswers(run, at, jobs) },
  ];
}

function makeIdentity(at: Paths): string[] {
  mkdirSync(dirname(at.uuidFile), { recursive: true });
  if (findIdentity(at) === undefined) writeIdentity({ sensorNumber: 0, uuid: randomUUID() }, at);
  return [];
}

function addSshKey(at: Paths, key: string): void {
  const file = `${at.root}/root/.ssh/authorized_keys`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const present = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const newLine = present === '' || present.endsWith('\n') ? '' : '\n';
  if (!present.split('\n').includes(key)) appendFileSync(file, `${newLine}${key}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
}

async function applyAnswers(run: Run, at: Paths, jobs: AnswerJobs): Promise<string[]> {
  const found = await readAnswers(run, at);
  const plan: AnswerPlan = planAnswers(found.answers, {
    interface: readInterfaces()[0]?.name ?? 'eth0',
    hostName: hostname(),
  });
  const problems = [...found.problems, ...plan.problems];
  /** What one answer cannot do is told; the others still count. */
  const apply = async <T>(name: string, value: T | undefined, act: (value: T) => unknown) => {
    if (value === undefined) return;
    try {
      await act(value);
    } catch (error) {
      problems.push(`mss.${name}: ${messageOf(error)}`);
    }
  };
  await apply('root-password', plan.password, jobs.setPassword);
  if (at.root === '') problems.push(...(await forgetPassword(run)));
  await apply('ssh-key', plan.sshKey, (key) => addSshKey(at, key));
  await apply('timezone', plan.timeZone, jobs.setTimeZone);
  await apply('ip', plan.management, jobs.setNetwork);
  // After a power cut in the middle it may be a sensor already.
  if (findIdentity(at)?.sensorNumber === 0) await apply('sensor-type', plan.standalone, jobs.configure);
  return problems;
}
