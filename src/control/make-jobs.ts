// All jobs, bound to one machine.

import { configureJob } from './jobs/configure.ts';
import { findStorageJob } from './jobs/find-storage.ts';
import { powerJob } from './jobs/power.ts';
import { resetJob } from './jobs/reset.ts';
import { setConfigJob } from './jobs/set-config.ts';
import { NetworkJobs } from './jobs/set-network.ts';
import { setPasswordJob } from './jobs/set-password.ts';
import { setTimeZoneJob } from './jobs/set-time-zone.ts';
import { unitJob } from './jobs/units.ts';
import type { Jobs, Machine } from './jobs.ts';

/** @param onWarning told what a person should know although no job failed */
export function makeJobs(machine: Machine, onWarning: (text: string) => void): { jobs: Jobs; network: NetworkJobs } {
  const network = new NetworkJobs(machine, onWarning);
  const ofUnits = unitJob(machine);
  return {
    network,
    jobs: {
      start: ofUnits,
      stop: ofUnits,
      restart: ofUnits,
      reload: ofUnits,
      configure: configureJob(machine),
      'set-config': setConfigJob(machine),
      'find-storage': findStorageJob(machine, onWarning),
      'set-network': (job, progress) => network.set(job, progress),
      'confirm-network': async () => network.confirm(),
      'set-password': setPasswordJob(machine),
      'set-time-zone': setTimeZoneJob(machine),
      reset: resetJob(machine),
      reboot: powerJob(machine, 'reboot'),
      'power-off': powerJob(machine, 'poweroff'),
    },
  };
}
