// The appliance as the OVA ships it: its own VMDK on pvscsi and BIOS, first start answered by an OVF environment CD,
// traffic on the promiscuous interface. One machine for the whole file; the tests build on one another in order.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IncidentRow } from '../../src/api/rows.ts';
import { readCaptureFile } from '../../src/os/capture-file.ts';
import { readCapture } from '../../src/pcap/read-capture.ts';
import { applianceDisk } from '../../tools/boot/image-disks.ts';
import { Machine } from '../../tools/boot/machine.ts';
import { ATTACKER, SAMPLE_HOME_NET, SAMPLE_RULES, VICTIM } from '../../tools/boot/sample-attack.ts';
import { ssh } from '../../tools/boot/ssh.ts';
import { buildDir, figure, run } from '../../tools/shell.ts';
import { browserFound, launchBrowser } from '../portal/browser.ts';
import { describeActing } from './acting.ts';
import { parseJsonLines } from './alert-lines.ts';
import { fetchBreakIn, replayUntilAlerts } from './attack.ts';
import { describeKilledServices } from './killed-services.ts';
import { describeOutside } from './outside.ts';
import { describeSshAccess } from './ssh-access.ts';
import { makeSshGuesses, SSH_GUESS_PORT, SSH_GUESSES } from './ssh-guesses.ts';
import { describeWholeStore } from './whole-store.ts';

const SERVICES = ['capture', 'suricata', 'ids', 'softips', 'syslog-x', 'updater', 'portal'];
const PASSWORD = 'correct horse 9';
// The port table: what may listen on other addresses than the loopback.
const TCP_PORTS = [22, 3000, 3001, 3002, 3003, 3004];
const UDP_PORTS = [68, 514, 546, 3004];

let machine: Machine;
let folder: string;

/** A browser's page behind the login of anna, whose account an earlier test made. */
async function onPage(port: number, use: (page: Page) => Promise<void>): Promise<void> {
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    await page.goto(`https://127.0.0.1:${port}/`);
    await page.fill('[name=name]', 'anna');
    await page.fill('[name=password]', PASSWORD);
    await page.keyboard.press('Enter');
    await use(page);
  } finally {
    await browser.close();
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mss-boot-'));
  machine = await Machine.start({
    ...applianceDisk,
    answers: {
      'sensor-type': 'standalone',
      'home-net': SAMPLE_HOME_NET,
      hostname: 'probe-7',
      timezone: 'Europe/Berlin',
      'root-password': PASSWORD,
      'fetch-et-open': 'no',
    },
    packetDiskBytes: 8 * 1024 ** 3,
    ports: [3001],
    udpPorts: [514],
    hardStopMs: 35 * 60_000,
  });
  await machine.waitForSsh(8 * 60_000);
  await machine.waitForUnits(['mss.target', ...SERVICES.map((service) => `mss-${service}`)], 300);
});

afterAll(async () => {
  await machine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('first start', () => {
  test('runs on the hardware that the OVF declares', async () => {
    const drivers = await machine.run(
      'for n in eth0 eth1; do basename $(readlink /sys/class/net/$n/device/driver); done',
    );
    expect(drivers.trim().split('\n')).toEqual(['vmxnet3', 'vmxnet3']);
    expect(await machine.run('cat /sys/class/scsi_host/*/proc_name')).toContain('vmw_pvscsi');
  });

  test('takes its answers from the environment CD', async () => {
    expect(await machine.run('hostname')).toBe('probe-7\n');
    expect(await machine.run('readlink /etc/localtime')).toContain('Europe/Berlin');
    const uuid = await machine.run('cat /nsm/etc/UUID');
    expect(uuid).toMatch(/^export sid=[1-9]\d*$/m);
    expect(uuid).toMatch(/^export uuid=[0-9a-f-]{36}$/m);
    expect(await machine.run('mss config get capture.homeNet || cat /var/lib/mss/desired.json')).toContain(
      '192.168.77.0/24',
    );
  });

  test('fills the system disk, and puts the packet log on the empty second disk', async () => {
    const storage = JSON.parse(await machine.run('cat /run/mss/storage.json')) as { kind: string; dir: string };
    expect(storage.kind).toBe('disk');
    expect(storage.dir).toMatch(/\/MetaFlows\/[0-9a-f-]{36}$/);
    const source = await machine.run(`findmnt -n -o SOURCE,FSTYPE --target ${storage.dir}`);
    expect(source).not.toContain((await machine.run('findmnt -n -o SOURCE /')).trim());
  });

  test('leaves no unit failed', async () => {
    expect(await machine.run('systemctl --failed --plain --no-legend')).toBe('');
  });
});

describe('the network side', () => {
  describeOutside(() => machine, TCP_PORTS, UDP_PORTS);
  describeSshAccess(() => machine);

  test('takes root’s password once it is not the shipped one', async () => {
    expect(await ssh({ port: machine.hostPort(22), password: PASSWORD }, 'echo in')).toBe('in\n');
    await expect(ssh({ port: machine.hostPort(22), password: 'metaflows' }, 'echo in')).rejects.toThrow();
  });
});

describe('the chain', () => {
  const wanted = [9000042, 9900001, 9900002, 9900003];
  let round = 0;

  test('raises the alerts of an attack that passes the mirror port', async () => {
    const file = join(folder, 'sample.rules');
    writeFileSync(file, SAMPLE_RULES);
    await machine.copyIn(file, '/nsm/etc/rules/sample.rules');
    await machine.run('/nsm/etc/mss.sh reload');
    const { seen, round: last } = await replayUntilAlerts(machine, wanted);
    round = last;
    expect(seen).toEqual(wanted);
  });

  test('gives back exactly the packets of the alert’s flow', async () => {
    const { sent, found } = await fetchBreakIn(machine, round, folder);
    expect(found).toEqual(sent);
    expect(found.length).toBeGreaterThan(8);
  });

  test('ties what a host logs to the wire: guessing seen there and a success in the log are one incident', async () => {
    await machine.mirror.replay(makeSshGuesses(), 50);
    const port = SSH_GUESS_PORT + SSH_GUESSES - 1;
    const text = `Accepted password for root from ${ATTACKER} port ${port} ssh2`;
    await machine.run(`logger -n 127.0.0.1 -d -P 514 -t sshd '${text}'`);
    const logs = parseJsonLines<{ log: { message: string } }>(await machine.run('sleep 10; mss logs --json', 300_000));
    expect(logs.map(({ log }) => log.message)).toContain(text);
    const holdsBoth = async () => {
      const incidents = parseJsonLines<IncidentRow>(await machine.run('mss incidents --json', 300_000));
      return incidents.some(({ incident: { host, evidence } }) => {
        const detectors = evidence.map(({ detector }) => detector);
        return host === VICTIM && detectors.includes('brute-force') && detectors.includes('log-break-in');
      });
    };
    // the engine tells of a conversation a minute after it closed
    await expect.poll(holdsBoth, { timeout: 240_000, interval: 10_000 }).toBe(true);
  });

  test.skipIf(!browserFound)('shows the alert on its page, which hands out the same packets', async () => {
    await machine.run(`printf '%s\\n' '${PASSWORD}' | mss account add anna --packets`, 120_000);
    await onPage(machine.hostPort(3001), async (page) => {
      const alert = page.locator('td.signature', { hasText: 'SAMPLE id check returned root' }).first();
      await alert.click();
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Download packets')]);
      const file = join(folder, 'page.pcapng');
      await download.saveAs(file);
      await page.screenshot({ path: join(buildDir, 'page.png') });
      let packets = 0;
      for await (const _ of readCapture(readCaptureFile(file))) packets++;
      expect(packets).toBeGreaterThan(1);
    });
    await (await machine.qmp()).screenshot(join(buildDir, 'board-running.png'));
  });

  test.skipIf(!browserFound)('shows what a sender outside logs, on its page and at the prompt', async () => {
    const text = 'door 7 of rack 12 was opened';
    await run('logger', ['-n', '127.0.0.1', '-P', `${machine.hostPort(514)}`, '-d', '-t', 'cabinet', text]);
    await onPage(machine.hostPort(3001), async (page) => {
      await page.getByRole('tab', { name: 'Logs' }).click();
      const line = page.locator('tr', { hasText: text }).first();
      await line.waitFor();
      expect(await line.textContent()).toContain('cabinet');
      await page.screenshot({ path: join(buildDir, 'logs.png') });
    });
    expect(await machine.run('mss logs', 300_000)).toMatch(new RegExp(`cabinet.*${text}`));
  });
});

describe('acting', () => {
  describeActing(() => machine, 9000042);
});

describe('the test alert', () => {
  test('says where it was lost while the mirror does not carry the management side', async () => {
    const said = await machine.run('mss test-alert --to 10.0.2.2 --seconds 10 --json; [ $? = 1 ]');
    expect(JSON.parse(said)).toMatchObject({ ok: false, alert: false, packet: false });
    expect(said).toContain('the mirror does not carry the management side');
  });

  test('finds its alert and its packet once it does', async () => {
    machine.wire.onFrame = (frame) => void machine.mirror.send(frame);
    try {
      const said = await machine.run('mss test-alert --to 10.0.2.2 --seconds 120 --json');
      expect(JSON.parse(said)).toMatchObject({ ok: true, alert: true, packet: true });
    } finally {
      machine.wire.onFrame = undefined;
    }
  });
});

describe('services', () => {
  describeKilledServices(() => machine, [...SERVICES, 'console', 'control']);
  describeWholeStore(
    () => machine,
    () => folder,
  );

  test.each([...SERVICES, 'console'])('mss-%s is exposed to no more than 3.0', async (service) => {
    const table = await machine.run(`systemd-analyze security --no-pager mss-${service} | tail -n 1`);
    const exposure = Number(/level for mss-\S+: ([\d.]+)/.exec(table)?.[1]);
    figure(`exposure-${service}`, exposure, 'points');
    expect(exposure).toBeLessThanOrEqual(3);
  });

  test('use less than 700 MB when capturing', async () => {
    const text = await machine.run('grep -E "^Mem(Total|Available)" /proc/meminfo');
    const [total, available] = [...text.matchAll(/(\d+) kB/g)].map((match) => Number(match[1]));
    const usedMb = (total - available) / 1024;
    figure('ram-in-use', usedMb, 'MB');
    expect(usedMb).toBeLessThan(700);
  });
});
