// mss restart: rebuild the whole configuration and start the sensor software anew.
import type { Command } from 'commander';
import { runSoftwareJob } from '../../../src/console/software-job.ts';

export function register(program: Command): void {
  program
    .command('restart')
    .description('rebuild the whole configuration and start the sensor software anew')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: { json?: boolean }) => runSoftwareJob('restart', json));
}
