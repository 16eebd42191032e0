// Packer's work without Packer: boots a copy of the base, copies the payload, runs the scripts in order, powers off.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { MssError } from '../../src/errors.ts';
import { type Accelerator, acceleratorArgs } from '../boot/accelerator.ts';
import { findFreePort } from '../boot/free-port.ts';
import { scp, ssh, waitForSsh } from '../boot/ssh.ts';
import { run } from '../shell.ts';

export interface Provisioning {
  accelerator: Accelerator;
  baseDisk: string;
  sensorDisk: string;
  buildKey: string;
  payloadTar: string;
  scripts: string[];
}

const HARD_STOP_MS = 25 * 60_000;
const SCRIPT_MS = 15 * 60_000;

export async function provisionBySsh(work: Provisioning): Promise<void> {
  mkdirSync(dirname(work.sensorDisk), { recursive: true });
  await run('cp', ['--reflink=auto', work.baseDisk, work.sensorDisk]);
  const port = await findFreePort();
  const machine = spawn(
    'qemu-system-x86_64',
    [
      ...acceleratorArgs(work.accelerator),
      ...['-machine', 'pc', '-smp', '2', '-m', '2048', '-nodefaults', '-display', 'none'],
      ...['-serial', `file:${work.sensorDisk}.serial.log`, '-device', 'virtio-scsi-pci', '-device', 'virtio-rng-pci'],
      ...['-drive', `file=${work.sensorDisk},if=none,id=disk,cache=unsafe,discard=unmap,detect-zeroes=unmap`],
      ...['-device', 'scsi-hd,drive=disk', '-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:${port}-:22`],
      ...['-device', 'virtio-net-pci,netdev=net'],
    ],
    { stdio: 'ignore', timeout: HARD_STOP_MS, killSignal: 'SIGKILL' },
  );
  const ended = once(machine, 'exit');
  try {
    const target = { port, key: work.buildKey };
    await waitForSsh(target, 6 * 60_000);
    await scp(target, work.payloadTar, 'root@127.0.0.1:/root/nsm.tar.zst');
    // The last script takes the key away: the connection that runs them all is made before.
    const scripts = work.scripts.map((path) => `(\n${readFileSync(path, 'utf8')}\n) || exit 1\n`).join('');
    await ssh(target, 'sh -s', SCRIPT_MS, `${scripts}systemctl poweroff\n`);
    const [code] = await ended;
    if (code !== 0) throw new MssError('io', `QEMU ended with ${code} while the image was provisioned`);
  } finally {
    if (machine.exitCode === null) machine.kill('SIGKILL');
  }
}
