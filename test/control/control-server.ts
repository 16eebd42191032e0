// The real control server over sockets in a temporary folder, with jobs that touch nothing: for tests.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, JobName } from '../../src/api/job.ts';
import type { Caller } from '../../src/control/allowed.ts';
import type { JobResult, Jobs } from '../../src/control/jobs.ts';
import { serveControl } from '../../src/control/service.ts';
import { controlOver } from '../../src/os/control-client.ts';

export const JOB_NAMES = [
  'start',
  'stop',
  'restart',
  'reload',
  'configure',
  'set-config',
  'find-storage',
  'set-network',
  'confirm-network',
  'set-password',
  'set-time-zone',
  'reset',
  'reboot',
  'power-off',
] as const satisfies readonly Exclude<JobName, 'ping'>[];

/**
 * @param carryOut stands in for every job
 * @param dir where the sockets are
 */
export async function startControl(
  carryOut: (job: Job, progress: (text: string) => void) => Promise<JobResult>,
  dir = mkdtempSync(join(tmpdir(), 'mss-control-')),
) {
  const socketFile = (caller: Caller) => join(dir, `${caller}.sock`);
  const outcomes: { caller: Caller; job: string; outcome: string }[] = [];
  const server = await serveControl({
    jobs: Object.fromEntries(JOB_NAMES.map((name) => [name, carryOut])) as Jobs,
    socketFile,
    groupId: () => undefined,
    onJob: (caller, job, outcome) => outcomes.push({ caller, job, outcome }),
  });
  return {
    socketFile,
    outcomes,
    ask: (caller: Caller) => controlOver(socketFile(caller)),
    close: async () => {
      await server.close();
      rmSync(dir, { recursive: true });
    },
  };
}
