// The menu in a process of its own, for a test to drive: the real terminal and files, a sample sensor to look at.
import { runMenu } from '../../../src/console/menu/main-menu.ts';
import { openTerminal } from '../../../src/console/menu/terminal.ts';
import { thisMachine } from '../../../src/console/menu/this-machine.ts';
import { findIdentity } from '../../../src/os/identity-file.ts';
import { pathsUnder } from '../../../src/paths.ts';
import { sampleSnapshot } from '../sample-snapshot.ts';

const at = pathsUnder(process.argv[2]);
const terminal = openTerminal(process.stdin, process.stdout);
await runMenu(terminal, {
  ...thisMachine(at),
  readSnapshot: async () => sampleSnapshot({ identity: findIdentity(at) }),
  timeZone: () => 'UTC',
});
terminal.close();
console.log('menu over');
