// find-storage on a machine of files: what is tried, what is written, and what is said when storage changed.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findStorageJob } from '../../../src/control/jobs/find-storage.ts';
import { findStorage } from '../../../src/os/storage-file.ts';
import { makeMachine, UUID } from './machine.ts';

let box: ReturnType<typeof makeMachine>;
let warnings: string[];
let mountFails: boolean;
let targetRuns: boolean;
let disks: object[];
let hgfs: string;
/** whether capture may not write there */
let closed: (dir: string) => boolean;

beforeEach(() => {
  warnings = [];
  mountFails = false;
  targetRuns = false;
  disks = [];
  hgfs = '';
  closed = () => false;
  box = makeMachine((command, args) => {
    if (command === 'lsblk') return { stdout: JSON.stringify({ blockdevices: disks }) };
    if (command === 'systemd-run' && closed(args.at(-1) ?? '')) return { code: 1, stderr: 'Permission denied\n' };
    if (command === 'vmware-hgfsclient') return hgfs === '' ? { code: 1 } : { stdout: hgfs };
    if (command === 'systemctl' && args.join(' ') === 'start nsm-packets.mount' && mountFails) {
      return { code: 1, stderr: 'mount failed' };
    }
    if (command === 'systemctl' && args[0] === 'is-active') return { code: targetRuns ? 0 : 3 };
    return undefined;
  });
  box.write('nsm/etc/UUID', `export sid=1\nexport uuid=${UUID}\n`);
  box.write('run/mss/keep', '');
});
afterEach(() => box.remove());

const find = (format?: string) =>
  findStorageJob(box.machine, (text) => warnings.push(text))({ job: 'find-storage', format }, () => {});
const unit = () => readFileSync(join(box.root, 'run/systemd/system/nsm-packets.mount'), 'utf8');
const systemctlCalls = () => box.calls.filter((call) => call.startsWith('systemctl'));
const share = () => box.write('sys/bus/virtio/drivers/9pnet_virtio/virtio2/mount_tag', 'packets\0');

test('without anything else the system disk is taken, in this sensor’s own folder', async () => {
  await find();
  const storage = findStorage(box.machine.at);
  expect(storage).toMatchObject({ kind: 'system', dir: `${box.root}/var/lib/mss/packets/MetaFlows/${UUID}` });
  expect(storage?.mountPoint).toBeUndefined();
  expect(existsSync(storage!.dir)).toBe(true);
});

test('a 9p share is mounted through a unit of its own, in a folder of this sensor', async () => {
  share();
  await find();
  expect(unit()).toContain(`What=packets\nWhere=${box.root}/nsm/packets\nType=9p\n`);
  expect(findStorage(box.machine.at)).toMatchObject({
    kind: '9p',
    mountPoint: `${box.root}/nsm/packets`,
    dir: `${box.root}/nsm/packets/MetaFlows/${UUID}`,
  });
  expect(systemctlCalls()).toEqual(['systemctl daemon-reload', 'systemctl start nsm-packets.mount']);
});

const BIND = `nsm-packets-MetaFlows-${UUID.replaceAll('-', '\\x2d')}.mount`;

test('a share whose own folder lets only its owner in is mounted aside, and this sensor’s folder shown to capture', async () => {
  share();
  closed = (dir) => dir === `${box.root}/nsm/packets/MetaFlows/${UUID}` && !box.mounts.has(dir);
  await find();
  const shown = `${box.root}/nsm/packets/MetaFlows/${UUID}`;
  expect([...box.mounts]).toEqual([`${box.root}/nsm/share`, shown]);
  expect(statSync(join(box.root, 'nsm/share')).mode & 0o777).toBe(0o700);
  const bind = readFileSync(join(box.root, 'run/systemd/system', BIND), 'utf8');
  expect(bind).toContain(`RequiresMountsFor=${box.root}/nsm/share\n`);
  expect(bind).toContain(`What=${box.root}/nsm/share/MetaFlows/${UUID}\nWhere=${shown}\nType=none\nOptions=bind,`);
  expect(findStorage(box.machine.at)).toMatchObject({ kind: '9p', mountPoint: shown, dir: shown });
  // and it stays for this boot
  box.calls.length = 0;
  await find();
  expect(box.calls).toEqual([]);
});

test('a share that capture may not write on in any way is said with what its host said, and left', async () => {
  share();
  closed = () => true;
  await find();
  expect(box.mounts.size).toBe(0);
  const why = 'shared folder "packets" (9p) cannot hold packets: mss-capture may not write on it (Permission denied)';
  expect(warnings).toEqual([expect.stringContaining(why)]);
  expect(findStorage(box.machine.at)).toMatchObject({ kind: 'system', passedOver: [expect.stringContaining(why)] });
});

test('storage that was found stays for this boot: nothing moves below a running capture', async () => {
  share();
  await find();
  box.calls.length = 0;
  hgfs = 'nsm\n';
  expect((await find()).text).toBe('packets go to shared folder "packets" (9p)');
  expect(box.calls).toEqual([]);
});

test('a VMware share shows its files as those of capture', async () => {
  hgfs = 'other\nmss packets\n';
  await find();
  expect(unit()).toContain('What=.host:/mss packets\n');
  expect(unit()).toContain('Type=fuse.vmhgfs-fuse\nOptions=allow_other,uid=');
});

test('a share that cannot be mounted is said, and the next place is taken', async () => {
  share();
  mountFails = true;
  await find();
  expect(findStorage(box.machine.at)?.kind).toBe('system');
  expect(warnings).toEqual([expect.stringContaining('shared folder "packets" (9p) cannot hold packets')]);
});

test('a share that is gone after a boot is said', async () => {
  share();
  await find();
  // power off, share removed, power on
  rmSync(join(box.root, 'sys'), { recursive: true });
  rmSync(join(box.root, 'run'), { recursive: true });
  box.write('run/mss/keep', '');
  box.mounts.clear();
  await find();
  expect(warnings).toEqual(['packets now go to system disk; earlier ones are on shared folder "packets" (9p)']);
});

const usedDisk = {
  path: '/dev/sdb',
  type: 'disk',
  size: 500e9,
  ro: false,
  rm: false,
  fstype: 'ntfs',
  label: 'photos',
  mountpoints: [],
};

test('a used disk is formatted only when its name was typed; capture is stopped and started around it', async () => {
  disks = [usedDisk];
  share();
  targetRuns = true;
  await find();
  expect(box.calls.some((call) => call.startsWith('mkfs'))).toBe(false);
  box.calls.length = 0;
  await find('/dev/sdb');
  const acts = box.calls.filter((call) => /^(mkfs|systemctl)/.test(call));
  expect(acts[0]).toMatch(/^mkfs.ext4 -q -F -m 0 -T largefile4 -E lazy\S+ -L MSS-PACKETS \/dev\/sdb$/);
  expect(acts.slice(1)).toEqual([
    'systemctl stop mss-capture.service nsm-packets.mount',
    'systemctl daemon-reload',
    'systemctl start nsm-packets.mount',
    'systemctl is-active mss.target',
    'systemctl start --no-block mss-capture.service',
  ]);
  expect(findStorage(box.machine.at)).toMatchObject({ kind: 'disk', label: '/dev/sdb (500 GB)' });
});

test('a typed disk that cannot be formatted is an error, not another place', async () => {
  disks = [usedDisk];
  await find();
  await expect(find('/dev/sdc')).rejects.toThrow('there is no /dev/sdc');
  expect(findStorage(box.machine.at)?.kind).toBe('system');
});

test.each([
  ['for the folder of all sensors', 'MetaFlows', []],
  ["for this sensor's own", `MetaFlows/${UUID}`, ['MetaFlows']],
])('a link laid out %s is refused: what it leads to is given to nobody', async (_what, link, folders) => {
  box.machine.ids = { user: () => process.getuid!(), group: () => process.getgid!() };
  const elsewhere = join(box.root, 'elsewhere');
  mkdirSync(elsewhere, { mode: 0o711 });
  const packets = box.machine.at.packetFallback;
  mkdirSync(join(packets, ...folders), { recursive: true });
  symlinkSync(elsewhere, join(packets, link));
  await expect(find()).rejects.toThrow(/no place for packets/);
  expect(warnings).toEqual([expect.stringContaining(`${packets}/${link}: is a link or a file, not a folder`)]);
  expect(readdirSync(elsewhere)).toEqual([]);
  expect(statSync(elsewhere).mode & 0o777).toBe(0o711);
});

test("this sensor's own folder is capture's, closed to others", async () => {
  box.machine.ids = { user: () => process.getuid!(), group: () => process.getgid!() };
  await find();
  expect(statSync(findStorage(box.machine.at)!.dir).mode & 0o777).toBe(0o750);
});

test('before first start there is no identity, and no folder to make', async () => {
  rmSync(box.machine.at.uuidFile);
  await expect(find()).rejects.toThrow(/no identity yet/);
});
