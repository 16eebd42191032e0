// Starts a program whose output is read as it comes: bounded in time, at the lowest priority, ended with its reader.
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

export interface ChildOptions {
  timeoutMs: number;
  /** added to our own */
  env?: Readonly<Record<string, string>>;
  /** is given each line of standard error; true: it is no complaint */
  takeLine?(line: string): boolean;
}

/**
 * @param command program and arguments; its disk accesses wait for everybody else's (ionice(1), class idle)
 */
export function streamChild(
  command: readonly string[],
  { timeoutMs, env = {}, takeLine = () => false }: ChildOptions,
): ChildStream {
  const polite = existsSync(IONICE) ? [IONICE, '-c3', 'nice', '-n', '10', ...command] : [...command];
  const child = spawn(polite[0], polite.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stderr = '';
  let rest = '';
  const timer = setTimeout(() => {
    stderr += `\nstopped after ${timeoutMs / 1000} s`;
    child.kill('SIGKILL');
  }, timeoutMs);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!.slice(0, COMPLAINT_CHARS);
    for (const line of lines) if (!takeLine(line) && stderr.length < COMPLAINT_CHARS) stderr += `${line}\n`;
  });
  const ended = new Promise<{ code: number; stderr: string }>((resolve) => {
    const finish = (code: number) => {
      clearTimeout(timer);
      resolve({ code, stderr: (stderr + rest).trim() });
    };
    child.on('error', (error) => {
      stderr += error.message;
      finish(127);
    });
    child.on('close', (code) => finish(code ?? 137));
  });
  return { stdout: child.stdout, ended, stop: () => child.kill('SIGKILL') };
}
