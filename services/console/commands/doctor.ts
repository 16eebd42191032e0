// mss doctor: what is wrong, one line each, with its remedy. Exits 1 when something failed.
import type { Command } from 'commander';
import { examine, renderFinding } from '../../../src/console/doctor/examine.ts';
import { readFacts } from '../../../src/console/doctor/read-facts.ts';
import { emit, runCommand } from '../../../src/console/output.ts';

export function register(program: Command): void {
  program
    .command('doctor')
    .description('what is wrong with this sensor, and the remedy')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: { json?: boolean }) =>
      runCommand(json, async () => {
        const findings = examine(await readFacts());
        for (const finding of findings) emit(json, { type: 'finding', ...finding }, renderFinding(finding));
        if (findings.some(({ verdict }) => verdict === 'failed')) process.exitCode = 1;
      }),
    );
}
