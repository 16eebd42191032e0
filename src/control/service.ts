// Control: one socket a caller, jobs checked against what that socket takes, run one of a kind at a time, each noted.
import type { Job, JobName } from '../api/job.ts';
import { MssError, messageOf } from '../errors.ts';
import { type LineServer, serveLines } from '../os/line-socket.ts';
import { CALLERS, type Caller, isAllowed, isUnitJob } from './allowed.ts';
import { JobQueue } from './job-queue.ts';
import type { JobResult, Jobs, Progress } from './jobs.ts';
import { parseJob } from './parse-job.ts';

export interface ControlOptions {
  jobs: Jobs;
  socketFile(caller: Caller): string;
  /** undefined: the server's own group */
  groupId(caller: Caller): number | undefined;
  /** told of every job that ended, and of those that were refused; not of pings */
  onJob(caller: Caller, name: JobName | 'unknown', outcome: 'done' | 'failed' | 'refused', text: string): void;
}

/** Jobs that change the same things wait for one another. */
const kindOf = (name: JobName): string =>
  isUnitJob(name) || name === 'configure' || name === 'set-config' || name === 'reset'
    ? 'software'
    : name === 'confirm-network'
      ? 'set-network'
      : name;

/** Listens on all sockets until `close`. */
export async function serveControl(options: ControlOptions): Promise<LineServer> {
  const queue = new JobQueue();

  const carryOut = (job: Exclude<Job, { job: 'ping' }>, progress: Progress): Promise<JobResult> => {
    const run = options.jobs[job.job] as (job: Job, progress: Progress) => Promise<JobResult>;
    return queue.run(kindOf(job.job), () => run(job, progress));
  };

  const answer = async (caller: Caller, line: string, send: (record: object) => void): Promise<void> => {
    let job: Job;
    try {
      job = parseJob(line);
    } catch (error) {
      options.onJob(caller, 'unknown', 'refused', messageOf(error));
      throw error;
    }
    if (!isAllowed(caller, job)) {
      const text = `${caller} may not ask for "${job.job}"${'unit' in job && job.unit ? ` of ${job.unit}` : ''}`;
      options.onJob(caller, job.job, 'refused', text);
      throw new MssError('control', text);
    }
    if (job.job === 'ping') return send({ type: 'done', text: 'here' });
    try {
      const { text, result } = await carryOut(job, (text) => send({ type: 'progress', text }));
      options.onJob(caller, job.job, 'done', text);
      send({ type: 'done', text, result });
    } catch (error) {
      options.onJob(caller, job.job, 'failed', messageOf(error));
      throw error;
    }
  };

  const servers: LineServer[] = [];
  for (const caller of CALLERS) {
    servers.push(
      await serveLines(options.socketFile(caller), { groupId: options.groupId(caller) }, (line, send) =>
        answer(caller, line, send),
      ),
    );
  }
  return {
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
