// Runs named steps once each, across crashes and power cuts: what is done stands in a file, what failed comes again.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../errors.ts';
import { writeFileAtomic } from '../os/atomic-file.ts';

export interface StepState {
  done: string[];
  /** what a person should know of the answers; kept for board and status */
  problems: string[];
}

export interface Step {
  name: string;
  /** can be repeated without harm; answers problems that are not worth another try */
  run(): Promise<string[]>;
}

export function readStepState(file: string): StepState {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StepState;
  } catch {
    return { done: [], problems: [] }; // none yet, or torn: every step can be repeated
  }
}

/**
 * Runs the steps that are not done yet, each whatever became of the others.
 * @returns what failed and has to come again
 */
export async function runSteps(file: string, steps: readonly Step[], say: (text: string) => void): Promise<string[]> {
  const state = readStepState(file);
  const failed: string[] = [];
  mkdirSync(dirname(file), { recursive: true });
  for (const { name, run } of steps) {
    if (state.done.includes(name)) continue;
    say(name);
    try {
      state.problems.push(...(await run()));
      state.done.push(name);
    } catch (error) {
      failed.push(`${name}: ${messageOf(error)}`);
    }
    writeFileAtomic(file, JSON.stringify(state), { mode: 0o644 });
  }
  return failed;
}
