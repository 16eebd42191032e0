// The question which interfaces listen, with each one's link and what it receives right now.
import { setTimeout as sleep } from 'node:timers/promises';
import { formatBitRate, formatCount } from '../format.ts';
import { managementInterface, ratesBetween, type SensorSnapshot } from '../sensor-snapshot.ts';
import type { MenuWorld } from './menu-world.ts';
import { askUntil } from './questions.ts';
import type { Terminal } from './terminal.ts';

const LOOK_MS = 1000;
const ALL = 'all without an address';

/** One line an interface, as a person needs it to find the mirror port. */
export function describeInterfaces(before: SensorSnapshot, after: SensorSnapshot): string[] {
  const rates = ratesBetween(before, after);
  return after.interfaces.map(({ name, up, carrier, addresses, speedMbps }) => {
    const rate = rates.find((one) => one.name === name);
    const link = !up ? 'off' : !carrier ? 'no link' : speedMbps ? `link, ${speedMbps} Mb/s` : 'link';
    const traffic = rate ? `${formatCount(rate.packetsPerSecond)} pkt/s, ${formatBitRate(rate.bitsPerSecond)}` : '';
    return `  ${name.padEnd(8)} ${link.padEnd(18)} ${traffic.padEnd(24)} ${addresses.join(' ')}`.trimEnd();
  });
}

/** @returns names for capture.interfaces (none: every one without an address), or undefined when the person left */
export async function chooseInterfaces(
  terminal: Terminal,
  world: MenuWorld,
  current: readonly string[],
): Promise<string[] | undefined> {
  terminal.say('Looking at the interfaces ...');
  const before = await world.readSnapshot();
  await sleep(LOOK_MS);
  const after = await world.readSnapshot();
  for (const line of describeInterfaces(before, after)) terminal.say(line);
  const managed = managementInterface(after.interfaces)?.name;
  return askUntil(
    terminal,
    'Interfaces that see the mirrored traffic',
    (answer) => {
      if (answer === ALL || answer === 'all') return [];
      const names = answer.split(/[\s,]+/);
      for (const name of names) {
        if (!after.interfaces.some((one) => one.name === name)) throw new Error(`There is no interface "${name}".`);
        if (name === managed) throw new Error(`${name} is the management interface; it cannot listen as well.`);
      }
      return names;
    },
    current.length > 0 ? current.join(' ') : ALL,
  );
}
