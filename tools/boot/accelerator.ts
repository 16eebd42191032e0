// Whether KVM works here. The device may exist and a kernel still not boot on it (nested virtualization in software).
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir } from '../shell.ts';

export type Accelerator = 'kvm' | 'tcg';

const PROBE_MS = 20_000;

/** QEMU's arguments for it; TCG gets one thread a virtual CPU. */
export function acceleratorArgs(accelerator: Accelerator): string[] {
  return accelerator === 'kvm'
    ? ['-accel', 'kvm', '-cpu', 'host']
    : ['-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'max'];
}

/** Boots the kernel without a root file system: it must come as far as its panic. */
async function bootsOnKvm(kernel: string): Promise<boolean> {
  const args = ['-nodefaults', '-display', 'none', '-no-reboot', '-m', '256', '-serial', 'stdio', '-kernel', kernel];
  const child = spawn('qemu-system-x86_64', [...acceleratorArgs('kvm'), ...args, '-append', 'console=ttyS0 panic=-1']);
  let said = '';
  return await new Promise<boolean>((done) => {
    const finish = (works: boolean) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      done(works);
    };
    const timer = setTimeout(() => finish(false), PROBE_MS);
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk;
      if (said.includes('Kernel panic')) finish(true);
    });
    child.once('error', () => finish(false));
    child.once('exit', () => finish(said.includes('Kernel panic')));
  });
}

/** What to boot with on this machine; tried once a checkout. MSS_ACCELERATOR=kvm|tcg overrides. */
export async function chooseAccelerator(kernel: string): Promise<Accelerator> {
  const wanted = process.env.MSS_ACCELERATOR;
  if (wanted === 'kvm' || wanted === 'tcg') return wanted;
  if (!existsSync('/dev/kvm')) return 'tcg';
  const stamp = join(buildDir, 'stamp', 'accelerator');
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === 'kvm' ? 'kvm' : 'tcg';
  const found = (await bootsOnKvm(kernel)) ? 'kvm' : 'tcg';
  writeFileSync(stamp, found);
  return found;
}
