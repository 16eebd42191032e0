// mss start: start the sensor software.
import type { Command } from 'commander';
import { runSoftwareJob } from '../../../src/console/software-job.ts';

export function register(program: Command): void {
  program
    .command('start')
    .description('start the sensor software')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: { json?: boolean }) => runSoftwareJob('start', json));
}
