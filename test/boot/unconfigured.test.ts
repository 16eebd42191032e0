// The same image on UEFI and AHCI, as it comes up when nobody has answered anything yet.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applianceDisk } from '../../tools/boot/image-disks.ts';
import { Machine } from '../../tools/boot/machine.ts';
import { serialSocket } from '../../tools/boot/machine-args.ts';
import { SerialLine } from '../../tools/boot/serial-line.ts';
import { buildDir } from '../../tools/shell.ts';
import { describeShippedPassword } from './ssh-access.ts';

let machine: Machine;
let share: string;

beforeAll(async () => {
  share = mkdtempSync(join(tmpdir(), 'mss-share-'));
  // Only the host's root may enter it, which is what the guest's services must be led around.
  chmodSync(share, 0o700);
  machine = await Machine.start({
    ...applianceDisk,
    firmware: 'uefi',
    share: { path: share, tag: 'packets' },
    hardStopMs: 20 * 60_000,
  });
  await machine.waitForSsh(8 * 60_000);
});

afterAll(async () => {
  await machine?.stop();
  rmSync(share, { recursive: true, force: true });
});

test('boots by UEFI, with no unit failed', async () => {
  expect(await machine.run('test -d /sys/firmware/efi && echo uefi')).toBe('uefi\n');
  await machine.run(
    'for i in $(seq 180); do systemctl is-system-running | grep -qE "running|degraded" && exit 0; sleep 1; done',
    240_000,
  );
  expect(await machine.run('systemctl --failed --plain --no-legend')).toBe('');
});

test('has made an identity of its own, and no sensor number yet', async () => {
  expect(await machine.run('ls /etc/ssh/ssh_host_*_key')).toBe('/etc/ssh/ssh_host_ed25519_key\n');
  expect((await machine.run('cat /etc/machine-id')).trim()).toMatch(/^[0-9a-f]{32}$/);
  expect(await machine.run('cat /nsm/etc/UUID')).toMatch(/^export sid=0$/m);
  await expect(machine.run('systemctl is-active mss.target')).rejects.toThrow('inactive');
});

test('takes the shared folder as packet log, in a folder of its own', async () => {
  await machine.run('for i in $(seq 120); do [ -s /run/mss/storage.json ] && exit 0; sleep 1; done; exit 1', 180_000);
  const storage = JSON.parse(await machine.run('cat /run/mss/storage.json')) as { kind: string; dir: string };
  expect(storage.kind).toBe('9p');
  const uuid = /^export uuid=(\S+)$/m.exec(await machine.run('cat /nsm/etc/UUID'))?.[1];
  expect(storage.dir).toBe(`/nsm/packets/MetaFlows/${uuid}`);
  expect(existsSync(join(share, 'MetaFlows', `${uuid}`))).toBe(true);
  await machine.run(`runuser -u mss-capture -- sh -c 'echo x > ${storage.dir}/probe && rm ${storage.dir}/probe'`);
});

test('shows its board on the screen', async () => {
  mkdirSync(buildDir, { recursive: true });
  expect(await machine.run('systemctl is-active mss-console')).toBe('active\n');
  await (await machine.qmp()).screenshot(join(buildDir, 'board.png'));
});

test('lets root in at its own console with the shipped password, and lands in the menu', async () => {
  const line = await SerialLine.connect(serialSocket(machine.plan.runDir));
  await line.login('root', 'metaflows');
  await line.expect(/Start or Restart the Sensor Software/, 120_000);
  line.type('3\n');
  await line.expect(/# $/, 60_000);
  line.type('exit\n');
  line.close();
});

describeShippedPassword(() => machine);
