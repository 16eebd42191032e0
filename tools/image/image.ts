// The whole appliance: dist/MetaFlows_Sensor.ova, the VMware zip and linux.zip out of one build, when an input changed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { chooseAccelerator } from '../boot/accelerator.ts';
import { buildRelease } from '../release/release.ts';
import { buildDir, figure, repoDir } from '../shell.ts';
import { makeBase } from './base.ts';
import { makeOva, ovaFile, systemVmdk } from './ova.ts';
import { provision, sensorDisk } from './packer.ts';
import { linuxZip, packPayload } from './payload.ts';
import { buildRoot, rootDir } from './root.ts';
import { makeVmwareZip, vmwareZip } from './vmware-zip.ts';

const INPUTS = [
  'image',
  'packer',
  'services',
  'src',
  'tools/image',
  'tools/release',
  'package.json',
  'package-lock.json',
];
const stampFile = join(buildDir, 'stamp', 'image');

/** SHA-256 over names and contents of everything that the image is made of. */
export function imageInputsHash(): string {
  const hash = createHash('sha256');
  const add = (path: string) => hash.update(relative(repoDir, path)).update('\0').update(readFileSync(path));
  for (const input of INPUTS) {
    const path = join(repoDir, input);
    if (input.endsWith('.json')) {
      add(path);
      continue;
    }
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) add(file);
  }
  return hash.digest('hex');
}

/** True if the image of exactly these sources is there. */
export function isImageFresh(): boolean {
  const built = [ovaFile, vmwareZip, linuxZip, systemVmdk, sensorDisk].every((path) => existsSync(path));
  return built && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === imageInputsHash();
}

/** Builds the image unless it is fresh. Needs root, the apt packages of `tools/setup.sh vm`, and a Debian mirror. */
export async function buildImage(): Promise<void> {
  if (isImageFresh()) {
    process.stdout.write('- image: nothing changed since it was built\n');
    return;
  }
  const startMs = performance.now();
  const inputs = imageInputsHash();
  await buildRoot();
  const version = await buildRelease();
  await packPayload();
  await makeBase();
  await provision(await chooseAccelerator(join(rootDir, 'vmlinuz')));
  await makeOva(sensorDisk, version);
  await makeVmwareZip(sensorDisk);
  writeFileSync(stampFile, inputs);
  figure('image-build', (performance.now() - startMs) / 1000, 's');
}
