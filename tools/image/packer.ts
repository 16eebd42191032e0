// Runs packer/sensor.pkr.hcl, or, where there is no Packer (Debian 13), boots the base and runs the same scripts by ssh.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Accelerator } from '../boot/accelerator.ts';
import { buildDir, findProgram, repoDir, run, step } from '../shell.ts';
import { baseDisk, buildKey } from './base.ts';
import { payloadTar } from './payload.ts';
import { provisionBySsh } from './provision.ts';

const outputDir = join(buildDir, 'packer');
export const sensorDisk = join(outputDir, 'sensor.qcow2');
const PROVISION_MS = 25 * 60_000;
const NO_NETWORK = { CHECKPOINT_DISABLE: '1', PACKER_CACHE_DIR: join(buildDir, 'packer-cache') };

export function provisionScripts(): string[] {
  const folder = join(repoDir, 'image', 'provision');
  return readdirSync(folder)
    .filter((name) => /^\d\d-.*\.sh$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Packer, if it has the qemu builder: inside (up to 1.6) or as an installed plugin. */
async function findPacker(): Promise<string | undefined> {
  const packer = findProgram('packer');
  if (packer === undefined) return undefined;
  const version = await run(packer, ['version'], { env: NO_NETWORK });
  if (/v1\.[0-6]\./.test(version)) return packer;
  const plugins = await run(packer, ['plugins', 'installed'], { env: NO_NETWORK }).catch(() => '');
  return plugins.includes('qemu') ? packer : undefined;
}

/** The provisioned disk, from the base and the payload. */
export async function provision(accelerator: Accelerator): Promise<void> {
  rmSync(outputDir, { recursive: true, force: true });
  const packer = await findPacker();
  if (packer === undefined) {
    await step(`provision (no Packer with a qemu builder here: the same scripts by ssh, ${accelerator})`, () =>
      provisionBySsh({ accelerator, baseDisk, sensorDisk, buildKey, payloadTar, scripts: provisionScripts() }),
    );
    return;
  }
  await step(`provision with Packer (${accelerator})`, async () => {
    const variables = {
      base_disk: baseDisk,
      ssh_key: buildKey,
      payload: payloadTar,
      provision_scripts: JSON.stringify(provisionScripts()),
      output_dir: outputDir,
      accelerator,
    };
    const args = Object.entries(variables).flatMap(([name, value]) => ['-var', `${name}=${value}`]);
    await run(packer, ['build', '-color=false', ...args, join(repoDir, 'packer')], {
      env: NO_NETWORK,
      timeoutMs: PROVISION_MS,
    });
  });
}
