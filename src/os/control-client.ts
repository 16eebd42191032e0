// Asks control for a privileged job and waits for its end.
import { existsSync } from 'node:fs';
import type { Job, JobReply } from '../api/job.ts';
import { MssError } from '../errors.ts';
import { paths } from '../paths.ts';
import { askLines } from './line-socket.ts';

export interface JobDone {
  text: string;
  result?: unknown;
}

/** How a job is asked for; a test's menu gets one that talks to its own server. */
export type AskControl = (job: Job, progress?: (text: string) => void) => Promise<JobDone>;

/** Asks over the caller's own socket. The returned function throws MssError 'control' for a job that is refused or failed. */
export const controlOver =
  (socketFile: string): AskControl =>
  async (job, progress = () => {}) => {
    for await (const line of askLines(socketFile, job)) {
      const reply = line as JobReply;
      if (reply.type === 'progress') progress(reply.text);
      else if (reply.type === 'done') return { text: reply.text, result: reply.result };
      else throw new MssError('control', reply.text);
    }
    throw new MssError('control', `control ended before the job "${job.job}" did; see journalctl -u mss-control`);
  };

/** The socket of a logged-in root. */
export const consoleSocket = (): string => paths.controlSocket('console');

/** Whether there is a control service to ask; a checkout has none. */
export const hasControl = (): boolean => existsSync(consoleSocket());
