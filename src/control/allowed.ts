// Which socket takes which job. A caller is a socket: its group owns it, so the kernel says who asks. A service that
// asks for nothing has none, the portal among them: whoever broke into the pages would ask for all that it may.
import type { Job, JobName } from '../api/job.ts';

export const CALLERS = ['console', 'ids'] as const;
export type Caller = (typeof CALLERS)[number];

/** The group that may connect to each socket; the console's is root's alone. */
export const CALLER_GROUPS: Readonly<Record<Caller, string>> = {
  console: 'root',
  ids: 'mss-ids',
};

/** Units that jobs may name; without `mss-` and ending. Never control itself: it could not answer. */
export const UNITS = ['capture', 'suricata', 'ids', 'softips', 'syslog-x', 'updater', 'portal', 'console'] as const;
export type Unit = (typeof UNITS)[number];

const UNIT_JOBS = ['start', 'stop', 'restart', 'reload'] as const;

/** `true`: any of its forms. A list: only for these units, never for the sensor software as a whole. */
type Allowance = true | readonly Unit[];

const ALLOWED: Readonly<Record<Caller, Partial<Record<JobName, Allowance>>>> = {
  console: {
    start: true,
    stop: true,
    restart: true,
    reload: true,
    configure: true,
    'set-config': true,
    'find-storage': true,
    'set-network': true,
    'confirm-network': true,
    'set-password': true,
    'set-time-zone': true,
    reset: true,
    reboot: true,
    'power-off': true,
  },
  // ids manages the engine, whose unit outlives it
  ids: { start: ['suricata'], stop: ['suricata'], restart: ['suricata'], reload: ['suricata'] },
};

/** Whether the socket of `caller` takes this job. */
export function isAllowed(caller: Caller, job: Job): boolean {
  if (job.job === 'ping') return true;
  const allowance = ALLOWED[caller][job.job];
  if (allowance === undefined) return false;
  if (allowance === true) return true;
  return 'unit' in job && job.unit !== undefined && (allowance as readonly string[]).includes(job.unit);
}

/** The jobs about units, which share one queue. */
export const isUnitJob = (name: JobName): boolean => (UNIT_JOBS as readonly string[]).includes(name);
