// set-time-zone: how times are shown on this machine; everything stored is in UTC.
import { existsSync } from 'node:fs';
import { MssError } from '../../errors.ts';
import { runChecked } from '../../os/process.ts';
import type { Machine, RunJob } from '../jobs.ts';

export const setTimeZoneJob =
  (machine: Machine): RunJob<'set-time-zone'> =>
  async ({ timeZone }) => {
    if (!existsSync(`/usr/share/zoneinfo/${timeZone}`)) {
      throw new MssError('usage', `no time zone "${timeZone}"; write it like Europe/Berlin or UTC`);
    }
    await runChecked(machine.run, 'timedatectl', ['set-timezone', timeZone]);
    return { text: `time zone ${timeZone}` };
  };
