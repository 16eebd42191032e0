// Starts a program that waits for questions on its standard input and whose answers are read as they come: at the lowest
// priority, each bounded in time, the program ended with a reader that goes away.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';

const IONICE = '/usr/bin/ionice';
const COMPLAINT_CHARS = 4000;

export interface ChildStream {
  stdout: Readable;
  /** settles when the answer is whole, or the program gone; never rejects */
  ended: Promise<{ code: number; stderr: string }>;
  /** ends the program, unless the answer is whole */
  stop(): void;
}

export interface WaitingChild {
  /** false once it is known to be gone, or to end */
  alive(): boolean;
  /**
   * Puts a question, after the last one was answered. A program that has died meanwhile ends at once, having said nothing.
   * @param question a line, without its end
   * @param takeLine is given each line of standard error; true: it is no complaint
   */
  ask(question: string, takeLine: (line: string) => boolean): ChildStream;
  stop(): void;
}

/** A question that is being answered. */
interface Asked {
  stdout: Readable;
  takeLine(line: string): boolean;
  bytes: number;
  /** what the program says of it at the end */
  answered: { code: number; bytes: number; last: boolean } | undefined;
  settle(code: number): void;
}

/**
 * @param command program and arguments; its disk accesses wait for everybody else's (ionice(1), class idle). It writes
 * `{"type":"answered","code":…,"bytes":…,"last":…}` on standard error after each answer, with the bytes that it is long
 * and whether it ends now, and should end by itself when its input ends: we may be killed.
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
  let asked: Asked | undefined;
  let endCode: number | undefined;
  let gone = false;
  const complain = (text: string) => {
    if (stderr.length < COMPLAINT_CHARS) stderr += text;
  };
  const settle = () => {
    if (asked?.answered !== undefined && asked.bytes >= asked.answered.bytes) {
      gone ||= asked.answered.last;
      asked.settle(asked.answered.code);
    } else if (asked !== undefined && endCode !== undefined) asked.settle(endCode);
  };
  child.stdout.on('data', (chunk: Buffer) => {
    if (asked === undefined) return stop(); // it talks without being asked
    asked.bytes += chunk.length;
    // of one that is gone all is taken, since it is closed only then
    if (!asked.stdout.push(chunk) && !gone) child.stdout.pause();
    settle();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!.slice(0, COMPLAINT_CHARS);
    for (const line of lines) {
      const answered = readAnswered(line);
      if (answered !== undefined && asked !== undefined) asked.answered = answered;
      else if (asked?.takeLine(line) !== true) complain(`${line}\n`);
    }
    settle();
  });
  child.stdin.on('error', () => {}); // it died before it was asked: `ended` tells
  const finish = (code: number) => {
    gone = true;
    endCode ??= code;
    complain(rest);
    settle();
  };
  child.on('exit', () => {
    gone = true;
    child.stdout.resume();
  });
  child.on('error', (error) => {
    complain(error.message);
    finish(127);
  });
  child.on('close', (code) => finish(code ?? 137));
  const stop = () => void child.kill('SIGKILL');
  const ask = (question: string, takeLine: (line: string) => boolean): ChildStream => {
    const { promise: ended, resolve } = Promise.withResolvers<{ code: number; stderr: string }>();
    const stdout = new Readable({ read: () => void child.stdout.resume(), destroy: (_error, done) => done(null) });
    const expire = () => {
      stderr += `\nstopped after ${timeoutMs / 1000} s`;
      stop();
    };
    const timer = gone ? undefined : setTimeout(expire, timeoutMs);
    const mine: Asked = {
      stdout,
      takeLine,
      bytes: 0,
      answered: undefined,
      settle: (code) => {
        asked = undefined;
        clearTimeout(timer);
        stdout.push(null);
        resolve({ code, stderr: stderr.trim() });
        stderr = '';
      },
    };
    asked = mine;
    child.stdin.write(`${question}\n`);
    settle();
    return {
      stdout,
      ended,
      stop: () => {
        if (asked === mine) stop();
      },
    };
  };
  return { alive: () => !gone, ask, stop };
}

function readAnswered(line: string): Asked['answered'] {
  if (!line.startsWith('{"type":"answered"')) return undefined;
  const { code, bytes, last } = JSON.parse(line) as Record<string, unknown>;
  return typeof code === 'number' && typeof bytes === 'number' ? { code, bytes, last: last === true } : undefined;
}
