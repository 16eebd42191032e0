// dist/MetaFlows_Sensor.ova: descriptor, manifest and disk in one file.
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, distDir, figure, repoDir, run, step } from '../shell.ts';
import { renderTemplate } from './template.ts';
import { makeStreamVmdk, readVmdkCapacity } from './vmdk.ts';

const NAME = 'MetaFlows_Sensor';
const ovaDir = join(buildDir, 'ova');
export const systemVmdk = join(ovaDir, `${NAME}-disk1.vmdk`);
export const ovaFile = join(distDir, `${NAME}.ova`);

export interface OvfDisk {
  file: string;
  fileBytes: number;
  capacityBytes: number;
}

export function renderOvf(template: string, disk: OvfDisk, version: string): string {
  return renderTemplate(template, {
    DISK_FILE: disk.file,
    DISK_FILE_BYTES: disk.fileBytes,
    DISK_CAPACITY_BYTES: disk.capacityBytes,
    VERSION: version,
  });
}

/** SHA256 lines in the order given; the descriptor comes first, since importers verify it before they read on. */
export function renderOvfManifest(digests: ReadonlyArray<readonly [file: string, sha256: string]>): string {
  return digests.map(([file, sha256]) => `SHA256(${file})= ${sha256}\n`).join('');
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Packs descriptor, manifest and disk of a folder, in the order in which importers read them (DSP0243, 5.3). */
export async function packOva(folder: string, ova: string): Promise<void> {
  const members = ['.ovf', '.mf', '-disk1.vmdk'].map((ending) => `${NAME}${ending}`);
  const tarOptions = ['--format=ustar', '--owner=0', '--group=0', '--numeric-owner', '--mode=0644'];
  await run('tar', [...tarOptions, '-cf', ova, ...members], { cwd: folder });
}

export async function makeOva(sensorDisk: string, version: string): Promise<void> {
  await step('dist/MetaFlows_Sensor.ova', async () => {
    rmSync(ovaDir, { recursive: true, force: true });
    mkdirSync(ovaDir, { recursive: true });
    await makeStreamVmdk(sensorDisk, systemVmdk);
    const disk = {
      file: `${NAME}-disk1.vmdk`,
      fileBytes: statSync(systemVmdk).size,
      capacityBytes: readVmdkCapacity(systemVmdk),
    };
    const ovf = join(ovaDir, `${NAME}.ovf`);
    writeFileSync(ovf, renderOvf(readFileSync(join(repoDir, 'image', 'sensor.ovf'), 'utf8'), disk, version));
    const digests = [
      [`${NAME}.ovf`, await sha256Of(ovf)],
      [disk.file, await sha256Of(systemVmdk)],
    ] as const;
    writeFileSync(join(ovaDir, `${NAME}.mf`), renderOvfManifest(digests));
    await packOva(ovaDir, ovaFile);
  });
  figure('ova-size', statSync(ovaFile).size / 1e6, 'MB');
}
