// Item 2: the management network and which interfaces listen. In force at once, and back again unless confirmed.
import { isHostName, isInterfaceAddress, type Management, parseManagement } from '../../api/management.ts';
import { setKey } from '../../config/parse.ts';
import { messageOf } from '../../errors.ts';
import { parseAddress } from '../../net/address.ts';
import { managementInterface, type SensorSnapshot } from '../sensor-snapshot.ts';
import { chooseInterfaces } from './choose-interfaces.ts';
import type { MenuWorld } from './menu-world.ts';
import { askUntil, askWord, askYes } from './questions.ts';
import type { Terminal } from './terminal.ts';

const CONFIRM_SECONDS = 60;
const NONE = 'none';

/** What stands in brackets: the last settings, or what the machine runs on now. */
function currentSettings(snapshot: SensorSnapshot, stored: Management | undefined): Management {
  if (stored !== undefined) return stored;
  return {
    method: 'dhcp',
    interface: managementInterface(snapshot.interfaces)?.name ?? snapshot.interfaces[0]?.name ?? 'eth0',
    hostName: snapshot.hostName,
    dns: [],
  };
}

const listOf = (answer: string): string[] => (answer === NONE ? [] : answer.split(/[\s,]+/));

/** The settings as answered, or undefined when the person left. */
async function askManagement(
  terminal: Terminal,
  snapshot: SensorSnapshot,
  now: Management,
): Promise<Management | undefined> {
  const names = snapshot.interfaces.map(({ name }) => name);
  const managed = await askUntil(
    terminal,
    'Management interface',
    (answer) => {
      if (!names.includes(answer)) throw new Error(`There is no interface "${answer}"; there are ${names.join(', ')}.`);
      return answer;
    },
    now.interface,
  );
  if (managed === undefined) return undefined;
  const hostName = await askUntil(
    terminal,
    'Host name',
    (answer) => {
      if (!isHostName(answer)) throw new Error('A host name has letters, digits, "-" and ".".');
      return answer;
    },
    now.hostName,
  );
  if (hostName === undefined) return undefined;
  const method = await askUntil(
    terminal,
    'Address by DHCP or static (d/s)',
    (answer): Management['method'] => {
      if (/^d(hcp)?$/i.test(answer)) return 'dhcp';
      if (/^s(tatic)?$/i.test(answer)) return 'static';
      throw new Error('Please answer d or s.');
    },
    now.method === 'dhcp' ? 'd' : 's',
  );
  if (method === undefined) return undefined;

  let fixed: { address: string; gateway?: string } | undefined;
  if (method === 'static') {
    fixed = await askStatic(terminal, snapshot, now, managed);
    if (fixed === undefined) return undefined;
  }
  const dns = await askUntil(
    terminal,
    method === 'dhcp' ? 'Name servers (none: those of the DHCP server)' : 'Name servers',
    (answer) => {
      const servers = listOf(answer);
      for (const server of servers) parseAddress(server);
      return servers;
    },
    now.dns.join(' ') || NONE,
  );
  if (dns === undefined) return undefined;
  return parseManagement({ method, interface: managed, hostName, dns, ...fixed });
}

async function askStatic(terminal: Terminal, snapshot: SensorSnapshot, now: Management, managed: string) {
  const running = snapshot.interfaces.find(({ name }) => name === managed)?.addresses.find((a) => a.includes('.'));
  const address = await askUntil(
    terminal,
    'Address with its prefix, like 192.0.2.7/24',
    (answer) => {
      if (!isInterfaceAddress(answer)) throw new Error('An address with its prefix looks like 192.0.2.7/24.');
      return answer;
    },
    now.method === 'static' ? now.address : running,
  );
  if (address === undefined) return undefined;
  const gateway = await askUntil(
    terminal,
    'Gateway',
    (answer) => {
      const given = answer === NONE ? undefined : answer;
      // all rules of a setting are in one place
      parseManagement({
        method: 'static',
        interface: managed,
        hostName: 'x',
        dns: [],
        address,
        gateway: given,
      });
      return { given };
    },
    (now.method === 'static' && now.gateway) || NONE,
  );
  return gateway && { address, gateway: gateway.given };
}

async function applyManagement(terminal: Terminal, world: MenuWorld, management: Management): Promise<void> {
  terminal.say('Applying; a session over the network may stand still now.');
  await world.ask({ job: 'set-network', management, confirmSeconds: CONFIRM_SECONDS }, (text) =>
    terminal.say(`  ${text}`),
  );
  terminal.say(`If nobody confirms within ${CONFIRM_SECONDS} s, the old settings come back by themselves.`);
  if (await askWord(terminal, 'keep', 'keep the new settings')) {
    terminal.say((await world.ask({ job: 'confirm-network' })).text);
  } else {
    terminal.say('Not confirmed: the old settings come back.');
  }
}

/** Everything that goes wrong is said here. */
export async function networkEditor(terminal: Terminal, world: MenuWorld): Promise<void> {
  const snapshot = await world.readSnapshot();
  const now = currentSettings(snapshot, world.readManagement());
  try {
    const management = await askManagement(terminal, snapshot, now);
    if (management === undefined) return;
    const config = world.readDesired();
    const interfaces = await chooseInterfaces(terminal, world, config.capture.interfaces);
    if (interfaces === undefined) return;
    if (interfaces.includes(management.interface)) {
      throw new Error(`${management.interface} cannot be the management interface and listen as well`);
    }
    if ((await askYes(terminal, 'Apply these settings', true)) !== true) return;
    if (interfaces.join() !== config.capture.interfaces.join()) {
      const desired = setKey(config, 'capture.interfaces', interfaces.join(','));
      terminal.say((await world.ask({ job: 'set-config', desired })).text);
    }
    if (JSON.stringify(management) !== JSON.stringify(now)) await applyManagement(terminal, world, management);
    else terminal.say('The management network stays as it is.');
  } catch (error) {
    terminal.say(`Not changed: ${messageOf(error)}`);
  }
}
