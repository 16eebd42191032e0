// What a job is to the code that carries it out, and the machine it is carried out on.
import type { Job, JobName } from '../api/job.ts';
import type { Run } from '../os/process.ts';
import type { Paths } from '../paths.ts';

/** What is said meanwhile. */
export type Progress = (text: string) => void;

export interface JobResult {
  text: string;
  result?: unknown;
}

export type JobOf<N extends JobName> = Job & { job: N };
export type RunJob<N extends JobName> = (job: JobOf<N>, progress: Progress) => Promise<JobResult>;
export type Jobs = { [N in Exclude<JobName, 'ping'>]: RunJob<N> };

/** The machine: how programs are run on it, and where its files are. A test gives another. */
export interface Machine {
  run: Run;
  at: Paths;
  isMountPoint(dir: string): boolean;
  /** numbers of users and groups; undefined leaves owners alone (a test is not root) */
  ids?: { user(name: string): number; group(name: string): number };
}
