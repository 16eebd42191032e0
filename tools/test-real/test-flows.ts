// Every flow of many capture files, and filters made of what is in them: says how far it is, and ends with a table of
// the files that something was wrong with.
import { relative } from 'node:path';
import { MssError } from '../../src/errors.ts';
import { figure } from '../shell.ts';
import { judgeFlows } from './judge-flows.ts';

const PROGRESS_MS = 10_000;
const EXAMPLES = 3;

/** @param folder that the files are named from */
export async function testFlows(folder: string, files: readonly string[]): Promise<void> {
  const sum = { files: 0, flows: 0, filters: 0, wrong: 0, skipped: 0 };
  const bad: string[] = [];
  let shownMs = performance.now();
  for (const [i, path] of files.entries()) {
    const name = relative(folder, path);
    try {
      const { flows, filters, wrong } = await judgeFlows(path);
      sum.files++;
      sum.flows += flows;
      sum.filters += filters;
      sum.wrong += wrong.length;
      if (wrong.length > 0) {
        bad.push(`WRONG  ${wrong.length} of ${flows + filters}  ${name}`);
        for (const line of wrong.slice(0, EXAMPLES)) bad.push(`         ${line}`);
      }
    } catch (error) {
      if (!(error instanceof MssError && error.code === 'input')) throw new Error(name, { cause: error });
      sum.skipped++;
    }
    if (performance.now() - shownMs < PROGRESS_MS) continue;
    shownMs = performance.now();
    process.stdout.write(`${i + 1} of ${files.length} files, ${sum.flows} flows, ${sum.wrong} wrong\n`);
  }
  for (const line of bad) process.stdout.write(`${line}\n`);
  process.stdout.write(`${sum.skipped} files are no captures\n`);
  figure('real-flow-files', sum.files, 'files');
  figure('real-flows', sum.flows, 'flows');
  figure('real-filters', sum.filters, 'filters');
  figure('real-flows-wrong', sum.wrong, 'questions');
  if (sum.wrong > 0) process.exitCode = 1;
}
