// build/payload/nsm: the folder that linux.zip ships and that provisioning runs, and its two packings.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { releaseDir } from '../release/release.ts';
import { buildDir, distDir, repoDir, run, step } from '../shell.ts';

const payloadDir = join(buildDir, 'payload');
export const payloadTar = join(payloadDir, 'nsm.tar.zst');
export const linuxZip = join(distDir, 'linux.zip');

export async function packPayload(): Promise<void> {
  await step('installer: dist/linux.zip', async () => {
    rmSync(payloadDir, { recursive: true, force: true });
    rmSync(linuxZip, { force: true });
    mkdirSync(payloadDir, { recursive: true });
    cpSync(join(repoDir, 'image', 'installer', 'nsm'), join(payloadDir, 'nsm'), { recursive: true });
    cpSync(releaseDir, join(payloadDir, 'nsm', 'release'), { recursive: true });
    await run('tar', ['--owner=0', '--group=0', '--zstd', '-cf', payloadTar, 'nsm'], { cwd: payloadDir });
    await run('zip', ['-q', '-r', linuxZip, 'nsm'], { cwd: payloadDir });
  });
}
