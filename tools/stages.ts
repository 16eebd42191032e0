// The stages of a test run: each timed, none hidden by an earlier failure, and one closing line over all of them.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, repoDir } from './shell.ts';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numFailedTestSuites: number;
}

/** Runs a program of node_modules/.bin (or of PATH) with its output shown; its exit code. */
export async function show(program: string, args: readonly string[]): Promise<number> {
  const bin = join(repoDir, 'node_modules', '.bin');
  const child = spawn(program, args, {
    cwd: repoDir,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  });
  return await new Promise((done) => {
    child.once('error', () => done(127));
    child.once('close', (code) => done(code ?? 1));
  });
}

/** Counts of a vitest run. A file that could not even be loaded is a failure; so is a run without a report. */
export function countVitest(report: VitestReport | undefined, exitCode: number): Counts {
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests: passed, numFailedTests, numPendingTests: skipped, numFailedTestSuites } = report;
  const failed = Math.max(numFailedTests, numFailedTestSuites > 0 || exitCode !== 0 ? 1 : 0);
  return { passed, failed, skipped };
}

/** Runs one vitest project and counts its tests. @param words only files with any of these in their path; none: all */
export async function runVitest(project: 'unit' | 'long' | 'boot', words: readonly string[] = []): Promise<Counts> {
  const file = join(buildDir, `vitest-${project}.json`);
  rmSync(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await show('vitest', ['run', '--project', project, ...words, ...reporters]);
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as VitestReport) : undefined;
  return countVitest(report, code);
}

/** A stage that only passes or fails. */
export async function check(program: string, args: readonly string[]): Promise<Counts> {
  const code = await show(program, args);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/** Runs all stages in order, prints their times and the closing line, and sets the exit code. */
export async function runStages(stages: ReadonlyArray<readonly [name: string, () => Promise<Counts>]>): Promise<void> {
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const times: string[] = [];
  for (const [name, stage] of stages) {
    const startMs = performance.now();
    process.stdout.write(`\n== ${name}\n`);
    const counts = await stage();
    for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key];
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    times.push(`${name.padEnd(24)} ${seconds.padStart(7)} s  ${counts.failed === 0 ? 'ok' : 'FAILED'}`);
  }
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  process.stdout.write(`\n${times.join('\n')}\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
  if (total.failed > 0) process.exitCode = 1;
}
