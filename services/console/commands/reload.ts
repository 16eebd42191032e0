// mss reload: take in new rules and settings without losing a packet.
import type { Command } from 'commander';
import { runSoftwareJob } from '../../../src/console/software-job.ts';

export function register(program: Command): void {
  program
    .command('reload')
    .description('take in new rules and settings without losing a packet')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: { json?: boolean }) => runSoftwareJob('reload', json));
}
