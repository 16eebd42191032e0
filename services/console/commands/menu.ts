// mss menu: the text menu, for a logged-in root.
import type { Command } from 'commander';
import { runMenu } from '../../../src/console/menu/main-menu.ts';
import { openTerminal } from '../../../src/console/menu/terminal.ts';
import { thisMachine } from '../../../src/console/menu/this-machine.ts';
import { runCommand } from '../../../src/console/output.ts';

export function register(program: Command): void {
  program
    .command('menu')
    .description('the text menu: start, network, password, power')
    .action(() =>
      runCommand(false, async () => {
        const terminal = openTerminal(process.stdin, process.stdout);
        try {
          await runMenu(terminal, thisMachine());
        } finally {
          terminal.close();
        }
      }),
    );
}
