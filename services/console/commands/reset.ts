// mss reset: back to an unconfigured machine. Asks first, unless --yes or there is nobody to ask.
import type { Command } from 'commander';
import { askWord } from '../../../src/console/menu/questions.ts';
import { openTerminal } from '../../../src/console/menu/terminal.ts';
import { runCommand } from '../../../src/console/output.ts';
import { runSoftwareJob } from '../../../src/console/software-job.ts';
import { MssError } from '../../../src/errors.ts';

async function checkMeant(): Promise<void> {
  if (!process.stdin.isTTY)
    throw new MssError('usage', 'a reset forgets the configuration: add --yes when it is meant');
  const terminal = openTerminal(process.stdin, process.stdout);
  const meant = await askWord(terminal, 'reset', 'forget the configuration of this sensor');
  terminal.close();
  if (!meant) throw new MssError('control', 'nothing was changed');
}

export function register(program: Command): void {
  program
    .command('reset')
    .description('stop the sensor software and forget the configuration')
    .option('--yes', 'do not ask')
    .option('--json', 'one JSON object a line')
    .action(async ({ json = false, yes = false }: { json?: boolean; yes?: boolean }) => {
      let meant = yes;
      if (!yes) {
        await runCommand(json, async () => {
          await checkMeant();
          meant = true;
        });
      }
      if (meant) await runSoftwareJob('reset', json);
    });
}
