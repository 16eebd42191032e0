// Root file systems out of Debian packages, each built once and kept until its inputs change: build/root is the
// appliance's. Tests run the image's Suricata in a chroot of it. Nothing of ours is in it: that comes with the installer.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { MssError } from '../../src/errors.ts';
import { buildDir, repoDir, run, step } from '../shell.ts';
import { type Mirrors, parseDeb822Sources, parseListSources, planMirrors } from './apt-sources.ts';

export type Suite = 'bookworm' | 'trixie';
export const APPLIANCE_SUITE = 'trixie';
export const rootDir = join(buildDir, 'root');
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

/** Hash of all that decides what is in a root; the package versions of the day are not part of it. */
function hashInputs(suite: Suite, packages: readonly string[]): string {
  const hash = createHash('sha256').update(`${suite} ${packages.join(' ')}`);
  for (const name of HOOK_FILES) hash.update(readFileSync(join(hooksDir, name)));
  return hash.digest('hex');
}

function mmdebstrapArgs(
  suite: Suite,
  packages: readonly string[],
  excludes: readonly string[],
  mirrors: Mirrors,
  target: string,
): string[] {
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
    suite,
    target,
    `deb ${mirrors.main} ${suite} main`,
    `deb ${mirrors.main} ${suite}-updates main`,
    `deb ${mirrors.main} ${suite}-backports main`,
    `deb ${mirrors.security} ${suite}-security main`,
  ];
}

/** A test that was killed may have left /proc or /dev mounted inside: deleting would reach through. */
function refuseMounts(dir: string): void {
  const inside = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .find((line) => line.includes(` ${dir}/`));
  if (inside) throw new MssError('io', `something is mounted below ${dir}: unmount it first (${inside})`);
}

/** Makes a fresh root file system of these packages in `target`. Needs root and the network. */
export async function bootstrap(suite: Suite, packages: readonly string[], target: string): Promise<void> {
  const excludes = parsePackageList(readFileSync(join(hooksDir, 'dpkg-excludes.txt'), 'utf8'));
  rmSync(target, { recursive: true, force: true });
  const args = mmdebstrapArgs(suite, packages, excludes, findMirrors(), target);
  await run('mmdebstrap', args, { timeoutMs: 20 * 60_000 });
}

/**
 * Makes `dir`, below build/, the root file system of these packages, unless it is that already. Needs root and the
 * network.
 * @returns whether it was made anew
 */
export async function keepRoot(dir: string, suite: Suite, packages: readonly string[]): Promise<boolean> {
  const stampFile = join(buildDir, 'stamp', relative(buildDir, dir).replaceAll('/', '-'));
  const wanted = hashInputs(suite, packages);
  if (existsSync(dir) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return false;
  await step(`root file system: Debian ${suite} and Suricata, from this machine's own mirror`, async () => {
    const fresh = `${dir}.new`;
    mkdirSync(dirname(dir), { recursive: true });
    await bootstrap(suite, packages, fresh);
    refuseMounts(dir);
    const old = `${dir}.old`;
    if (existsSync(dir)) renameSync(dir, old);
    renameSync(fresh, dir);
    rmSync(old, { recursive: true, force: true });
    writeFileSync(stampFile, wanted);
  });
  return true;
}

/** What the appliance is made of: the packages of image/packages.txt. */
export const appliancePackages = (): string[] => parsePackageList(readFileSync(packagesFile, 'utf8'));

/** Builds build/root, the appliance's, unless it is there already. */
export const buildRoot = (): Promise<boolean> => keepRoot(rootDir, APPLIANCE_SUITE, appliancePackages());
