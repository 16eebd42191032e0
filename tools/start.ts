// npm start: the appliance, built if needed, booted as a standalone sensor, with an attack on its promiscuous interface
// again and again, and what a person needs to look at it. Ends with Ctrl-C.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { applianceDisk } from './boot/image-disks.ts';
import { Machine } from './boot/machine.ts';
import { serialSocket } from './boot/machine-args.ts';
import { makeSampleAttack } from './boot/sample-attack.ts';
import { buildImage } from './image/image.ts';
import { main, repoDir, step } from './shell.ts';

const REAL_ATTACK = resolve(repoDir, '..', 'shared', 'pcaps', 'attacks', 'psexec_calc.pcap.gz');
const HOME_NET = '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16';
const PASSWORD = 'metaflows-demo';
const PORTS = [{ guest: 22, host: 2222 }, ...[3000, 3001, 3002, 3003].map((port) => ({ guest: port, host: port }))];
const VNC_DISPLAY = 7;
const REPLAY_EVERY_MS = 60_000;

/** Waits until the sensor software runs; first start configures it out of the environment CD. */
async function waitForSensor(machine: Machine): Promise<void> {
  await machine.waitForSsh(8 * 60_000);
  await machine.waitForUnits(['mss.target', 'mss-capture', 'mss-suricata', 'mss-ids', 'mss-portal'], 300);
}

function renderWelcome(machine: Machine, attack: string | undefined): string {
  return `
The sensor runs. What you can do now:
  page      https://127.0.0.1:3001   (log in as admin / ${PASSWORD})
  ssh       ssh -p 2222 root@127.0.0.1   (password ${PASSWORD}; lands in the menu)
  screen    a VNC viewer on 127.0.0.1:${5900 + VNC_DISPLAY}
  serial    socat -,raw,echo=0 UNIX-CONNECT:${serialSocket(machine.plan.runDir)}
  traffic   ${attack ?? 'an attack of our own making'}, every ${REPLAY_EVERY_MS / 1000} s on eth1
  try       ssh -p 2222 root@127.0.0.1 mss alerts
Ctrl-C ends it.
`;
}

async function start(): Promise<void> {
  const { values } = parseArgs({ options: { replay: { type: 'string' }, once: { type: 'boolean', default: false } } });
  const attack = values.replay ?? (existsSync(REAL_ATTACK) ? REAL_ATTACK : undefined);
  await buildImage();
  const machine = await Machine.start({
    ...applianceDisk,
    answers: { 'sensor-type': 'standalone', 'home-net': HOME_NET, 'root-password': PASSWORD, 'fetch-et-open': 'no' },
    packetDiskBytes: 20 * 1024 ** 3,
    ports: PORTS,
    vncDisplay: VNC_DISPLAY,
    hardStopMs: 24 * 3600_000,
  });
  let isWanted = true;
  process.once('SIGINT', () => {
    isWanted = false;
    void machine.stop();
  });
  await step(`boot (${machine.plan.accelerator})`, () => waitForSensor(machine));
  await step('a login for the page', () =>
    machine.run(`printf '%s\\n' '${PASSWORD}' | mss account add admin --packets`),
  );
  process.stdout.write(renderWelcome(machine, attack));
  for (let round = 0; isWanted && machine.isRunning; round++) {
    const sent = attack
      ? await machine.mirror.replayFile(attack)
      : await machine.mirror.replay(makeSampleAttack(round), 200);
    process.stdout.write(`replayed ${sent} packets\n`);
    if (values.once) break;
    await sleep(REPLAY_EVERY_MS);
  }
  await machine.stop();
}

await main(start);
