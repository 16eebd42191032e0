// Starts a program that waits for one question on its standard input and whose answer is read as it comes: at the lowest
// priority, bounded in time from the question on, ended with its reader.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';

const IONICE = '/usr/bin/ionice';
const COMPLAINT_CHARS = 4000;

export interface ChildStream {
  stdout: Readable;
  /** settles when it is gone; never rejects */
  ended: Promise<{ code: number; stderr: string }>;
  stop(): void;
}

export interface WaitingChild {
  /** false once it is known to be gone */
  alive(): boolean;
  /**
   * Puts the question; once only. A program that has died meanwhile ends at once, having said nothing.
   * @param takeLine is given each line of standard error; true: it is no complaint
   */
  ask(question: string, takeLine: (line: string) => boolean): ChildStream;
  stop(): void;
}

/**
 * @param command program and arguments; its disk accesses wait for everybody else's (ionice(1), class idle). It should
 * end by itself when its input ends without a question: we may be killed.
 * @param env added to our own
 */
export function startWaiting(
  command: readonly string[],
  { timeoutMs, env = {} }: { timeoutMs: number; env?: Readonly<Record<string, string>> },
): WaitingChild {
  const polite = existsSync(IONICE) ? [IONICE, '-c3', 'nice', '-n', '10', ...command] : [...command];
  const child = spawn(polite[0], polite.slice(1), { stdio: 'pipe', env: { ...process.env, ...env } });
  let stderr = '';
  let rest = '';
  let takeLine = (_line: string) => false;
  let timer: NodeJS.Timeout | undefined;
  let gone = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!.slice(0, COMPLAINT_CHARS);
    for (const line of lines) if (!takeLine(line) && stderr.length < COMPLAINT_CHARS) stderr += `${line}\n`;
  });
  child.stdin.on('error', () => {}); // it died before it was asked: `ended` tells
  const ended = new Promise<{ code: number; stderr: string }>((resolve) => {
    const finish = (code: number) => {
      gone = true;
      clearTimeout(timer);
      resolve({ code, stderr: (stderr + rest).trim() });
    };
    child.on('exit', () => {
      gone = true;
    });
    child.on('error', (error) => {
      stderr += error.message;
      finish(127);
    });
    child.on('close', (code) => finish(code ?? 137));
  });
  const stop = () => void child.kill('SIGKILL');
  return {
    alive: () => !gone,
    ask: (question, take) => {
      takeLine = take;
      const expire = () => {
        stderr += `\nstopped after ${timeoutMs / 1000} s`;
        stop();
      };
      if (!gone) timer = setTimeout(expire, timeoutMs);
      child.stdin.end(question);
      return { stdout: child.stdout, ended, stop };
    },
    stop,
  };
}
