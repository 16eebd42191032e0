// The text menu: eight items, the board above them. For a person logged in as root, on tty1, by ssh or on a serial line.

import type { Job } from '../../api/job.ts';
import { messageOf } from '../../errors.ts';
import { renderBoard } from '../board/render-board.ts';
import { ratesBetween, type SensorSnapshot } from '../sensor-snapshot.ts';
import { serviceWord } from '../service-state.ts';
import { readDetails } from '../status-details.ts';
import { configureDialogue } from './configure-dialogue.ts';
import type { MenuWorld } from './menu-world.ts';
import { networkEditor } from './network-editor.ts';
import { askNewPassword, askWord, pause } from './questions.ts';
import { findStorageAsking } from './storage-dialogue.ts';
import type { Terminal } from './terminal.ts';

export const ITEMS = [
  'Start or Restart the Sensor Software',
  'Edit the Network Configuration',
  'Exit to the Command Prompt',
  'Reset the Sensor to an Unconfigured State',
  'Set a New Root Password for the Sensor',
  'Reboot',
  'Shut Down',
  'Contact Information',
] as const;

const EXIT = 3;

/** Asks control, saying all it says; failures too. */
async function tell(terminal: Terminal, world: MenuWorld, job: Job): Promise<boolean> {
  try {
    terminal.say((await world.ask(job, (text) => terminal.say(`  ${text}`))).text);
    return true;
  } catch (error) {
    terminal.say(`Failed: ${messageOf(error)}`);
    return false;
  }
}

async function startOrRestart(terminal: Terminal, world: MenuWorld): Promise<void> {
  const snapshot = await world.readSnapshot();
  if ((snapshot.identity?.sensorNumber ?? 0) === 0) {
    await configureDialogue(terminal, world);
    return;
  }
  await findStorageAsking(terminal, world);
  const runs = snapshot.services.some(
    (facts) => facts.name !== 'control' && serviceWord(facts, snapshot.timeMs) === 'running',
  );
  await tell(terminal, world, { job: runs ? 'restart' : 'start' });
}

async function reset(terminal: Terminal, world: MenuWorld): Promise<void> {
  terminal.say('The sensor stops, and its configuration is forgotten. Packets and events stay on their disk.');
  if (await askWord(terminal, 'reset', 'reset the sensor')) await tell(terminal, world, { job: 'reset' });
}

async function setPassword(terminal: Terminal, world: MenuWorld): Promise<void> {
  const password = await askNewPassword(terminal, 'New password of root', (typed) => {
    if (typed === '') throw new Error('An empty password is none.');
  });
  if (password !== undefined) await tell(terminal, world, { job: 'set-password', password });
}

async function power(terminal: Terminal, world: MenuWorld, job: 'reboot' | 'power-off'): Promise<boolean> {
  const word = job === 'reboot' ? 'reboot' : 'off';
  const what = job === 'reboot' ? 'reboot the machine' : 'shut the machine down';
  return (await askWord(terminal, word, what)) && (await tell(terminal, world, { job }));
}

function contact(terminal: Terminal, world: MenuWorld): void {
  terminal.say(
    world.contact() ??
      [
        'This is open software; whoever runs this sensor is the first to ask.',
        'They may write whom to call into /nsm/etc/contact.txt, which is then shown here.',
        'When asking for help, send what these two commands print:',
        '  mss doctor --json',
        '  mss status --json',
      ].join('\n'),
  );
}

/** @returns whether the menu is over */
async function choose(item: number, terminal: Terminal, world: MenuWorld): Promise<boolean> {
  terminal.say(`\n${ITEMS[item - 1]}\n`);
  switch (item) {
    case 1:
      await startOrRestart(terminal, world);
      return false;
    case 2:
      await networkEditor(terminal, world);
      return false;
    case 4:
      await reset(terminal, world);
      return false;
    case 5:
      await setPassword(terminal, world);
      return false;
    case 6:
      return power(terminal, world, 'reboot');
    case 7:
      return power(terminal, world, 'power-off');
    default:
      contact(terminal, world);
      return false;
  }
}

function show(terminal: Terminal, before: SensorSnapshot | undefined, snapshot: SensorSnapshot): void {
  const model = {
    snapshot,
    details: readDetails(snapshot),
    rates: before === undefined ? [] : ratesBetween(before, snapshot),
  };
  terminal.clear();
  const rows = Math.max(6, terminal.rows - ITEMS.length - 3);
  for (const line of renderBoard(model, { columns: terminal.columns, rows })) terminal.say(line);
  terminal.say('');
  for (const [index, item] of ITEMS.entries()) terminal.say(`  ${index + 1}. ${item}`);
}

/** Runs until item 3, a reboot, or the end of input. Enter alone draws the screen anew. */
export async function runMenu(terminal: Terminal, world: MenuWorld): Promise<void> {
  let before: SensorSnapshot | undefined;
  while (!terminal.ended) {
    const snapshot = await world.readSnapshot();
    show(terminal, before, snapshot);
    before = snapshot;
    const answer = (await terminal.ask('Enter a number: '))?.trim();
    if (answer === undefined || answer === '') continue;
    const item = /^[1-8]$/.test(answer) ? Number(answer) : undefined;
    if (item === EXIT) return;
    if (item === undefined) terminal.say(`There is no item "${answer.slice(0, 40)}"; take 1 to ${ITEMS.length}.`);
    else if (await choose(item, terminal, world)) return;
    await pause(terminal);
  }
}
