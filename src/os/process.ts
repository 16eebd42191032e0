// Runs another program and waits for it: bounded in time and output, no shell in between.
import { spawn } from 'node:child_process';
import { MssError } from '../errors.ts';

const TIMEOUT_MS = 60_000;
const OUTPUT_BYTES = 4 * 2 ** 20;

export interface Ran {
  /** exit code; 128 + 9 when it was killed at its time-out */
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** goes to its standard input; never on its command line, which everybody may read */
  input?: string;
  timeoutMs?: number;
  /** output beyond this ends the program */
  outputBytes?: number;
  env?: Record<string, string>;
}

/** How a program is run; what acts on the machine takes this as an argument, so that a test can stand in for the machine. */
export type Run = (command: string, args: readonly string[], options?: RunOptions) => Promise<Ran>;

/**
 * Runs `command` to its end, whatever its exit code.
 * @throws MssError 'io' when it cannot be started, takes too long or says too much
 */
export const run: Run = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', ...options.env },
    });
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const room = options.outputBytes ?? OUTPUT_BYTES;
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let bytes = 0;
    let ended: string | undefined;
    const end = (why: string) => {
      ended = why;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => end(`took longer than ${timeoutMs / 1000} s`), timeoutMs);
    const keep = (list: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > room) end(`wrote more than ${room} bytes`);
      else list.push(chunk);
    };
    child.stdout?.on('data', keep(out));
    child.stderr?.on('data', keep(err));
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(new MssError('io', `cannot run ${command}: ${cause.message}`, { cause }));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (ended !== undefined) reject(new MssError('io', `${command} was stopped: it ${ended}`));
      else resolve({ code: code ?? 137, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
    child.stdin?.on('error', () => {}); // it ended without reading all; its exit code tells
    child.stdin?.end(options.input);
  });

/** What a program said when it failed, on one line. */
export const complaintOf = (ran: Ran): string =>
  (ran.stderr.trim() || ran.stdout.trim() || `exit code ${ran.code}`).replaceAll(/\s*\n\s*/g, '; ').slice(0, 500);

/**
 * Runs `command`, which has to succeed, and answers its standard output.
 * @throws MssError 'io' with what it said when it did not
 */
export async function runChecked(
  runIt: Run,
  command: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const ran = await runIt(command, args, options);
  if (ran.code !== 0) throw new MssError('io', `${command} ${args[0] ?? ''} failed: ${complaintOf(ran)}`);
  return ran.stdout;
}
