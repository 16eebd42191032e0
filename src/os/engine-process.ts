// Finds Suricata and starts it without rights of its own: on the appliance as it is installed, in a checkout the one of
// the image's root file system (in a chroot of it), else the host's. Knows nothing of what it is started for.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, chownSync, constants, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MssError } from '../errors.ts';
import type { UserIds } from './unix-names.ts';

export interface Engine {
  /** as the engine itself is called where it runs */
  program: string;
  /** root file system it runs in, where that is not the host's */
  root?: string;
  version: string;
  /** for summaries: "Suricata 8.0.8 (image)" */
  label: string;
}

const PROGRAMS = ['/usr/bin/suricata', '/usr/local/bin/suricata', '/usr/sbin/suricata'];
// the place in a chroot where the work folder appears: an empty folder that every Debian root has
const WORK_INSIDE = '/mnt';
/** nobody and nogroup of Debian: the engine of a file needs no account of its own */
export const NOBODY: UserIds = { userId: 65_534, groupId: 65_534 };
const OUTPUT_CHARS = 4 << 20;
/** the oldest engine whose configuration we write */
const OLDEST_MAJOR = 7;

/** The image's root file system in a checkout; a bundle has none. */
function imageRoot(): string | undefined {
  if (!import.meta.url.endsWith('.ts')) return undefined;
  return resolve(import.meta.dirname, '../../build/root');
}

/** The engine of a root file system made of Debian's packages; undefined where it has none or cannot be entered. */
export function findEngineIn(root: string, rootName: string): Engine | undefined {
  if (!existsSync(join(root, PROGRAMS[0])) || !canChroot()) return undefined;
  const version = askVersion(...split(engineCommand({ program: PROGRAMS[0], root }, ['-V'], '/tmp')));
  if (version === undefined) return undefined;
  return { program: PROGRAMS[0], root, version, label: `Suricata ${version} (${rootName})` };
}

/** Finds the engine, or undefined where there is none. */
export function findEngine(): Engine | undefined {
  const root = imageRoot();
  const ofImage = root === undefined ? undefined : findEngineIn(root, 'image');
  if (ofImage !== undefined) return ofImage;
  for (const program of PROGRAMS) {
    if (!isExecutable(program)) continue;
    const version = askVersion(program, ['-V']);
    if (version !== undefined) return { program, version, label: `Suricata ${version}` };
  }
  return undefined;
}

/** As findEngine. @throws MssError 'engine' saying how to come by one, or that it is too old */
export function requireEngine(): Engine {
  const engine = findEngine();
  if (engine === undefined) {
    throw new MssError(
      'engine',
      `no Suricata here: build the image root (npm run image), or install the suricata package (${OLDEST_MAJOR} or later)`,
    );
  }
  if (engineMajor(engine) < OLDEST_MAJOR) {
    throw new MssError('engine', `${engine.label} is too old: install Suricata ${OLDEST_MAJOR} or later`);
  }
  return engine;
}

function canChroot(): boolean {
  return spawnSync('unshare', [...namespaces(), 'true'], { stdio: 'ignore' }).status === 0;
}

/** The first number of the engine's version, by which its configuration differs. */
export const engineMajor = ({ version }: Engine): number => Number(version.split('.')[0]);

/** The path under which the engine sees its work folder. */
export const insideEngine = (engine: Engine, workDir: string): string =>
  engine.root === undefined ? workDir : WORK_INSIDE;

/** Gives a folder or file to the user that the engine runs as. */
export const giveToEngine = (path: string): void => giveToUser(path, NOBODY);

/** Gives a folder or file away, where this process is root; else it is the user's own already. */
export function giveToUser(path: string, { userId, groupId }: UserIds): void {
  if (process.getuid?.() === 0) chownSync(path, userId, groupId);
}

/**
 * Runs the engine as an unprivileged user to its end; it ends when this process does.
 * @param workDir the one folder it may write; appears as `insideEngine`
 * @returns exit code and all it said, cut at 4 MB
 * @throws MssError 'engine' when it cannot start or takes longer than `timeoutMs`
 */
export async function runEngine(
  engine: Engine,
  args: readonly string[],
  workDir: string,
  timeoutMs: number,
): Promise<{ code: number; output: string }> {
  const [command, words] = split(engineCommand(engine, args, workDir));
  const child = spawn(command, words, { cwd: '/', env: engineEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let late = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < OUTPUT_CHARS) output += text;
    });
  }
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const code = await new Promise<number>((done, fail) => {
    child.once('error', (cause) => fail(new MssError('engine', `cannot start ${engine.label}: ${cause.message}`)));
    child.once('close', (exitCode) => done(exitCode ?? 137));
  }).finally(() => clearTimeout(timer));
  if (late) throw new MssError('engine', `${engine.label} took longer than ${timeoutMs / 1000} s and was ended`);
  return { code, output };
}

/** All that the engine knows of its surroundings. */
export const engineEnvironment = (): Record<string, string> => ({
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  TZ: 'UTC',
  LC_ALL: 'C',
});

const namespaces = (): string[] => (process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user']);

/**
 * The command that runs the engine: own mounts and a chroot where it has a root, and no rights in any case.
 * @param user whom a root that starts it makes it
 */
export function engineCommand(
  engine: Pick<Engine, 'program' | 'root'>,
  args: readonly string[],
  workDir: string,
  user: UserIds = NOBODY,
): string[] {
  const ids = process.getuid?.() === 0 ? [`--reuid=${user.userId}`, `--regid=${user.groupId}`, '--clear-groups'] : [];
  const unprivileged = ['setpriv', '--no-new-privs', '--pdeathsig=KILL', ...ids, engine.program, ...args];
  if (engine.root === undefined) return unprivileged;
  const script = `mount --bind "$0" "$1${WORK_INSIDE}" && root=$1 && shift && exec chroot "$root" "$@"`;
  return ['unshare', ...namespaces(), 'sh', '-c', script, workDir, engine.root, ...unprivileged];
}

const split = ([command, ...words]: string[]): [string, string[]] => [command, words];

function askVersion(command: string, args: string[]): string | undefined {
  const asked = spawnSync(command, args, { encoding: 'utf8', env: engineEnvironment(), timeout: 10_000 });
  return /version (\d+\.\d+\.\d+\S*)/.exec(`${asked.stdout}${asked.stderr}`)?.[1];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
