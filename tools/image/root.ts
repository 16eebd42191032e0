// build/root: the appliance's root file system out of Debian packages, built once and kept until its inputs change.
// Tests run the image's Suricata in a chroot of it. Nothing of ours is in it: that comes with the installer.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MssError } from '../../src/errors.ts';
import { buildDir, repoDir, run, step } from '../shell.ts';
import { type Mirrors, parseDeb822Sources, parseListSources, planMirrors } from './apt-sources.ts';

export const SUITE = 'trixie';
export const rootDir = join(buildDir, 'root');
const stampFile = join(buildDir, 'stamp', 'root');
const packagesFile = join(repoDir, 'image', 'packages.txt');
const hooksDir = join(repoDir, 'image', 'base');
const HOOK_FILES = ['essential.sh', 'customize.sh', 'initramfs-modules', 'dpkg-excludes.txt'];

/** First word of each line that is not a comment. */
export function parsePackageList(text: string): string[] {
  return text.split('\n').flatMap((line) => (/^\s*(#|$)/.test(line) ? [] : [line.trim().split(/\s+/)[0]]));
}

function findMirrors(): Mirrors {
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const folder = '/etc/apt/sources.list.d';
  const parts = existsSync(folder) ? readdirSync(folder).sort() : [];
  const texts = (ending: string) =>
    parts.filter((name) => name.endsWith(ending)).map((name) => read(join(folder, name)));
  const sources = [
    ...[read('/etc/apt/sources.list'), ...texts('.list')].flatMap(parseListSources),
    ...texts('.sources').flatMap(parseDeb822Sources),
  ];
  return planMirrors(sources, process.env.MSS_DEBIAN_MIRROR);
}

/** Hash of all that decides what is in the root; the package versions of the day are not part of it. */
export function rootInputsHash(): string {
  const hash = createHash('sha256').update(SUITE);
  for (const file of [packagesFile, ...HOOK_FILES.map((name) => join(hooksDir, name))]) hash.update(readFileSync(file));
  return hash.digest('hex');
}

export function mmdebstrapArgs(packages: string[], excludes: string[], mirrors: Mirrors, target: string): string[] {
  return [
    '--mode=root',
    '--variant=minbase',
    '--architectures=amd64',
    '--keyring=/usr/share/keyrings/debian-archive-keyring.gpg',
    '--aptopt=Apt::Install-Recommends "false"',
    '--aptopt=Acquire::Languages "none"',
    ...excludes.map((path) => `--dpkgopt=path-exclude=${path}`),
    `--include=${packages.join(',')}`,
    `--essential-hook=${join(hooksDir, 'essential.sh')} "$1"`,
    `--customize-hook=${join(hooksDir, 'customize.sh')} "$1"`,
    SUITE,
    target,
    `deb ${mirrors.main} ${SUITE} main`,
    `deb ${mirrors.main} ${SUITE}-updates main`,
    `deb ${mirrors.main} ${SUITE}-backports main`,
    `deb ${mirrors.security} ${SUITE}-security main`,
  ];
}

/** A test that was killed may have left /proc or /dev mounted inside: deleting would reach through. */
function refuseMounts(): void {
  const inside = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .find((line) => line.includes(` ${rootDir}/`));
  if (inside) throw new MssError('io', `something is mounted below ${rootDir}: unmount it first (${inside})`);
}

/** Makes a fresh root file system of these packages in `target`. Needs root and the network. */
export async function bootstrap(packages: string[], target: string): Promise<void> {
  const excludes = parsePackageList(readFileSync(join(hooksDir, 'dpkg-excludes.txt'), 'utf8'));
  rmSync(target, { recursive: true, force: true });
  await run('mmdebstrap', mmdebstrapArgs(packages, excludes, findMirrors(), target), { timeoutMs: 20 * 60_000 });
}

/** Builds build/root unless it is there already. Needs root and the network. */
export async function buildRoot(): Promise<void> {
  const wanted = rootInputsHash();
  if (existsSync(rootDir) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  await step(`root file system: Debian ${SUITE} and Suricata, from this machine's own mirror`, async () => {
    const fresh = `${rootDir}.new`;
    await bootstrap(parsePackageList(readFileSync(packagesFile, 'utf8')), fresh);
    refuseMounts();
    const old = `${rootDir}.old`;
    if (existsSync(rootDir)) renameSync(rootDir, old);
    renameSync(fresh, rootDir);
    rmSync(old, { recursive: true, force: true });
    writeFileSync(stampFile, wanted);
  });
}
