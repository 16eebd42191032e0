// How the tools run programs and say what they do: one progress line a step, output kept for the error only.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MssError } from '../src/errors.ts';

/** The checkout. */
export const repoDir = resolve(import.meta.dirname, '..');
export const buildDir = join(repoDir, 'build');
export const distDir = join(repoDir, 'dist');

const KEPT_BYTES = 64 * 1024;

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** text for standard input; without it the program has none */
  input?: string;
  /** show the program's output as it comes instead of keeping it */
  show?: boolean;
  /** the program is ended after this long, and that is an error */
  timeoutMs?: number;
}

/**
 * Runs a program to its end.
 * @returns its standard output (the last 64 KiB; empty with `show`)
 * @throws MssError `io` with the end of its output when it cannot start, fails or takes too long
 */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = spawn(program, args, {
    cwd: options.cwd ?? repoDir,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', options.show ? 'inherit' : 'pipe', options.show ? 'inherit' : 'pipe'],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out = (out + chunk).slice(-KEPT_BYTES);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err = (err + chunk).slice(-KEPT_BYTES);
  });
  // A program may end without reading what it was given; its exit code tells, not the pipe.
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.input ?? '');
  const ended = await new Promise<string>((done) => {
    child.once('error', (error) => done(error.message));
    child.once('close', (code, signal) => done(code === 0 ? '' : signal ? `ended by ${signal}` : `exit code ${code}`));
  });
  if (ended === '') return out;
  const said = `${out}\n${err}`.trim().split('\n').slice(-20).join('\n');
  throw new MssError('io', `${program} ${args.slice(0, 6).join(' ')}: ${ended}${said ? `\n${said}` : ''}`);
}

/** The program's full path, or undefined when no folder of PATH has it. */
export function findProgram(name: string): string | undefined {
  const dirs = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return dirs.map((dir) => join(dir, name)).find((path) => existsSync(path));
}

/** Says a step's name, does it, says how long it took. */
export async function step<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const startMs = performance.now();
  process.stdout.write(`- ${name}\n`);
  const result = await work();
  const seconds = (performance.now() - startMs) / 1000;
  if (seconds >= 1) process.stdout.write(`  ${seconds.toFixed(0)} s\n`);
  return result;
}

/** A measured value, in the one form that other programs read. */
export function figure(name: string, value: number, unit: string): void {
  process.stdout.write(`figure ${name} ${Number(value.toFixed(3))} ${unit}\n`);
}

/** Runs a tool's main and turns a failure into one message and exit code 1. */
export async function main(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    process.stderr.write(`failed: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    if (process.env.MSS_DEBUG === '1' && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`);
    process.exitCode = 1;
  }
}
