// Item 1 on an unconfigured machine: four questions and an account, then control makes it a sensor.
import { setKey } from '../../config/parse.ts';
import { ET_OPEN_URL } from '../../config/rule-feeds.ts';
import { messageOf } from '../../errors.ts';
import { formatCidr, parseCidr } from '../../net/cidr.ts';
import { SHORTEST_PASSWORD } from '../../os/accounts/password-hash.ts';
import { managementInterface, type SensorSnapshot } from '../sensor-snapshot.ts';
import { chooseInterfaces } from './choose-interfaces.ts';
import type { MenuWorld } from './menu-world.ts';
import { askNewPassword, askUntil, askYes } from './questions.ts';
import { findStorageAsking } from './storage-dialogue.ts';
import type { Terminal } from './terminal.ts';

/** The networks that the machine itself is in, as the first guess at what is to be protected. */
export function guessHomeNet(snapshot: SensorSnapshot, fallback: readonly string[]): string[] {
  const own = managementInterface(snapshot.interfaces)?.addresses ?? [];
  const networks = own.filter((address) => address.includes('/')).map((address) => formatCidr(parseCidr(address)));
  return networks.length > 0 ? networks : [...fallback];
}

async function askType(terminal: Terminal): Promise<'standalone' | undefined> {
  terminal.say(
    [
      'What kind of sensor is this?',
      '  1  Standard sensor: an entry on a controller is waiting for it',
      '  2  Self-registering sensor: makes its own entry on a controller',
      '  3  Standalone: sensor and controller in one, needs nobody else',
    ].join('\n'),
  );
  return askUntil(
    terminal,
    'Type',
    (answer) => {
      if (answer === '3') return 'standalone';
      if (answer === '1' || answer === '2') {
        throw new Error(`Type ${answer} needs a controller, and this release cannot enrol with one yet. Type 3 works.`);
      }
      throw new Error('Please answer 1, 2 or 3.');
    },
    '3',
  );
}

const zoneOf = (text: string): string => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone && text;
  } catch {
    throw new Error(`There is no time zone "${text}"; write it like Europe/Berlin or UTC.`);
  }
};

/** Name and password of a page account. @returns undefined when left, 'none' when the person wants none now */
async function askAccount(terminal: Terminal, world: MenuWorld) {
  if (world.hasAccounts() && (await askYes(terminal, 'Add another account for the web pages', false)) !== true) {
    return terminal.ended ? undefined : ('none' as const);
  }
  const name = await askUntil(
    terminal,
    'Account for the web pages: name',
    (answer) => {
      world.checkAccount(answer);
      return answer;
    },
    'admin',
  );
  if (name === undefined) return undefined;
  const password = await askNewPassword(
    terminal,
    `Password of ${name}, at least ${SHORTEST_PASSWORD} characters`,
    (typed) => world.checkAccount(name, typed),
  );
  return password === undefined ? undefined : { name, password };
}

/** @returns whether the machine is a sensor now; false when the person left or control refused */
export async function configureDialogue(terminal: Terminal, world: MenuWorld): Promise<boolean> {
  if ((await askType(terminal)) === undefined) return false;
  const snapshot = await world.readSnapshot();
  let config = world.readDesired();

  const setList = (key: string) => (answer: string) => setKey(config, key, answer.split(/[\s,]+/).join(','));
  const withHomeNet = await askUntil(
    terminal,
    'Networks to protect (HOME_NET)',
    setList('ids.homeNet'),
    guessHomeNet(snapshot, config.ids.homeNet).join(' '),
  );
  if (withHomeNet === undefined) return false;
  config = withHomeNet;

  const interfaces = await chooseInterfaces(terminal, world, config.capture.interfaces);
  if (interfaces === undefined) return false;
  config = setKey(config, 'capture.interfaces', interfaces.join(','));

  const timeZone = await askUntil(terminal, 'Time zone', zoneOf, world.timeZone());
  if (timeZone === undefined) return false;

  const none = 'none';
  const withProxy = await askUntil(
    terminal,
    'HTTP proxy, like http://192.0.2.3:3128',
    (answer) => setKey(config, 'release.proxy', answer === none ? '' : answer),
    config.release.proxy || none,
  );
  if (withProxy === undefined) return false;
  config = withProxy;

  const fetchRules = await askYes(terminal, 'Fetch the Emerging Threats Open rules, now and every 12 hours', true);
  if (fetchRules === undefined) return false;
  const others = config.ids.ruleUrls.filter((url) => url !== ET_OPEN_URL);
  config = setKey(config, 'ids.ruleUrls', [...others, ...(fetchRules ? [ET_OPEN_URL] : [])].join(','));

  const account = await askAccount(terminal, world);
  if (account === undefined) return false;

  return apply(terminal, world, { config, timeZone, account });
}

async function apply(
  terminal: Terminal,
  world: MenuWorld,
  answers: {
    config: ReturnType<MenuWorld['readDesired']>;
    timeZone: string;
    account: { name: string; password: string } | 'none';
  },
): Promise<boolean> {
  const { config, timeZone, account } = answers;
  terminal.say('');
  try {
    if (account !== 'none') {
      await world.addAccount(account.name, account.password);
      terminal.say(`Account "${account.name}" made.`);
    }
    if (timeZone !== world.timeZone()) await world.ask({ job: 'set-time-zone', timeZone });
    await findStorageAsking(terminal, world);
    const { text } = await world.ask(
      { job: 'configure', desired: config, identity: { sensorNumber: 1, type: 'standalone' } },
      (progress) => terminal.say(`  ${progress}`),
    );
    terminal.say(`Done: ${text}.`);
    return true;
  } catch (error) {
    terminal.say(`Not configured: ${messageOf(error)}`);
    return false;
  }
}
