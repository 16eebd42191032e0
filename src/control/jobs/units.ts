// start, stop, restart, reload: of one unit, or of the sensor software as a whole.
import { MssError } from '../../errors.ts';
import { findIdentity } from '../../os/identity-file.ts';
import { runChecked } from '../../os/process.ts';
import { findUnitStates } from '../../os/systemd.ts';
import { UNITS } from '../allowed.ts';
import type { JobResult, Machine, Progress, RunJob } from '../jobs.ts';

export const TARGET = 'mss.target';
/** A weak machine's first start: units allow themselves 180 s each, and wait for one another. */
const START_WITHIN_MS = 600_000;
/** What takes in new rules and settings without a restart; the engine is reloaded by ids. */
const RELOADED = ['capture', 'ids', 'softips', 'syslog-x', 'updater', 'portal'] as const;

type UnitJob = 'start' | 'stop' | 'restart' | 'reload';

const unitFile = (unit: string): string => `mss-${unit}.service`;

/**
 * Reloads those of `units` that run.
 * @param wait whether to wait until each has taken it in: ids tests its rules first, which may take minutes
 * @returns the unit files told
 */
export async function reloadRunning(
  machine: Machine,
  units: readonly string[],
  wait: 'wait' | 'go on',
): Promise<string[]> {
  const states = await findUnitStates(machine.run, units.map(unitFile));
  const running = states.filter(({ active }) => active === 'active').map(({ unit }) => unit);
  // the service manager lets no second reload pass while ids still tests rules for the first: who does not wait for that
  // sends what ExecReload would
  const words = wait === 'wait' ? ['reload'] : ['kill', '--signal=HUP', '--kill-who=main'];
  if (running.length > 0) {
    await runChecked(machine.run, 'systemctl', [...words, ...running], { timeoutMs: START_WITHIN_MS });
  }
  return running;
}

/** After a start, says of each service whether it came up. @throws MssError 'control' naming those that failed */
async function tellStates(machine: Machine, progress: Progress): Promise<JobResult> {
  const states = await findUnitStates(machine.run, UNITS.filter((unit) => unit !== 'console').map(unitFile));
  const installed = states.filter(({ loaded }) => loaded);
  for (const { unit, active } of installed) progress(`${unit}: ${active}`);
  const failed = installed.filter(({ active, sub }) => active === 'failed' || sub === 'auto-restart');
  if (failed.length > 0) {
    const names = failed.map(({ unit }) => unit).join(', ');
    throw new MssError('control', `${names} did not start; "journalctl -u ${failed[0].unit}" says why`);
  }
  return { text: 'the sensor software runs' };
}

export const unitJob =
  (machine: Machine): RunJob<UnitJob> =>
  async (job, progress) => {
    const systemctl = (verb: string, unit: string) =>
      runChecked(machine.run, 'systemctl', [verb, unit], { timeoutMs: START_WITHIN_MS });
    if (job.unit !== undefined) {
      await systemctl(job.job, unitFile(job.unit));
      return { text: `${job.job} of ${job.unit}: done` };
    }
    if (job.job === 'stop') {
      await systemctl('stop', TARGET);
      return { text: 'the sensor software is stopped' };
    }
    if ((findIdentity(machine.at)?.sensorNumber ?? 0) === 0) {
      throw new MssError('control', 'the sensor is not configured; take item 1 of "mss menu"');
    }
    if (job.job === 'reload') {
      const reloaded = await reloadRunning(machine, RELOADED, 'wait');
      return { text: reloaded.length > 0 ? `reloaded: ${reloaded.join(', ')}` : 'nothing runs that could be reloaded' };
    }
    progress(`${job.job} of the sensor software; this takes a while`);
    await systemctl(job.job, TARGET);
    return tellStates(machine, progress);
  };
