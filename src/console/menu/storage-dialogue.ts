// Has control look for a place for the packets, and asks before a disk that may be somebody's is formatted.
import { messageOf } from '../../errors.ts';
import type { MenuWorld } from './menu-world.ts';
import type { Terminal } from './terminal.ts';

/** Failures are said, not thrown: a sensor without storage still inspects. */
export async function findStorageAsking(terminal: Terminal, world: MenuWorld): Promise<void> {
  const notes: string[] = [];
  try {
    const { text } = await world.ask({ job: 'find-storage' }, (note) => notes.push(note));
    for (const note of notes) terminal.say(`  ${note}`);
    terminal.say(`  ${text}`);
    if (notes.length === 0) return;
    const device = (
      await terminal.ask('Disk to format for the packets (ALL that is on it is lost), or Enter for none: ')
    )?.trim();
    if (device === undefined || device === '') return;
    if ((await terminal.ask(`Type ${device} once more to format it: `))?.trim() !== device) {
      terminal.say('  Nothing was formatted.');
      return;
    }
    const done = await world.ask({ job: 'find-storage', format: device }, (note) => terminal.say(`  ${note}`));
    terminal.say(`  ${done.text}`);
  } catch (error) {
    terminal.say(`  ${messageOf(error)}`);
  }
}
