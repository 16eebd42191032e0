// Finds Suricata and starts it without rights of its own: on the appliance as it is installed, in a checkout the one of
// the image's root file system (in a chroot of it), else the host's. Knows nothing of what it is started for.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, chownSync, constants, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MssError } from '../errors.ts';

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
// nobody and nogroup of Debian; the engine of a file needs no account of its own
const NOBODY = 65_534;
const OUTPUT_CHARS = 4 << 20;

/** The image's root file system in a checkout; a bundle has none. */
function imageRoot(): string | undefined {
  if (!import.meta.url.endsWith('.ts')) return undefined;
  const root = resolve(import.meta.dirname, '../../build/root');
  return existsSync(join(root, PROGRAMS[0])) ? root : undefined;
}

/** Finds the engine, or undefined where there is none. */
export function findEngine(): Engine | undefined {
  const root = imageRoot();
  if (root !== undefined && canChroot()) {
    const version = askVersion(...wrap({ program: PROGRAMS[0], root }, ['-V'], '/tmp'));
    if (version !== undefined) return { program: PROGRAMS[0], root, version, label: `Suricata ${version} (image)` };
  }
  for (const program of PROGRAMS) {
    if (!isExecutable(program)) continue;
    const version = askVersion(program, ['-V']);
    if (version !== undefined) return { program, version, label: `Suricata ${version}` };
  }
  return undefined;
}

/** As findEngine. @throws MssError 'engine' saying how to come by one */
export function requireEngine(): Engine {
  const engine = findEngine();
  if (engine !== undefined) return engine;
  throw new MssError(
    'engine',
    'no Suricata here: build the image root (npm run image), or install the suricata package (8.0 wanted)',
  );
}

function canChroot(): boolean {
  return spawnSync('unshare', [...namespaces(), 'true'], { stdio: 'ignore' }).status === 0;
}

/** Whether the engine's version is one whose configuration we write (8 or later). */
export const isSupportedEngine = (engine: Engine): boolean => Number(engine.version.split('.')[0]) >= 8;

/** The path under which the engine sees its work folder. */
export const insideEngine = (engine: Engine, workDir: string): string =>
  engine.root === undefined ? workDir : WORK_INSIDE;

/** Gives a folder or file to the user that the engine runs as. */
export function giveToEngine(path: string): void {
  if (process.getuid?.() === 0) chownSync(path, NOBODY, NOBODY);
}

/**
 * Starts the engine as an unprivileged user; it ends when this process does.
 * @param workDir the one folder it may write; appears as `insideEngine`
 */
export function startEngine(engine: Engine, args: readonly string[], workDir: string): ChildProcess {
  const [command, words] = wrap(engine, args, workDir);
  return spawn(command, words, { cwd: '/', env: engineEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
}

/**
 * Runs the engine to its end.
 * @returns exit code and all it said, cut at 4 MB
 * @throws MssError 'engine' when it cannot start or takes longer than `timeoutMs`
 */
export async function runEngine(
  engine: Engine,
  args: readonly string[],
  workDir: string,
  timeoutMs: number,
): Promise<{ code: number; output: string }> {
  const child = startEngine(engine, args, workDir);
  let output = '';
  let late = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
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

const engineEnvironment = (): Record<string, string> => ({
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  TZ: 'UTC',
  LC_ALL: 'C',
});

const namespaces = (): string[] => (process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user']);

/** The command that runs the engine: own mounts and a chroot where it has a root, and no rights in any case. */
function wrap(engine: Pick<Engine, 'program' | 'root'>, args: readonly string[], workDir: string): [string, string[]] {
  const user = process.getuid?.() === 0 ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const unprivileged = ['setpriv', '--no-new-privs', '--pdeathsig=KILL', ...user, engine.program, ...args];
  if (engine.root === undefined) return [unprivileged[0], unprivileged.slice(1)];
  const script = `mount --bind "$0" "$1${WORK_INSIDE}" && root=$1 && shift && exec chroot "$root" "$@"`;
  return ['unshare', [...namespaces(), 'sh', '-c', script, workDir, engine.root, ...unprivileged]];
}

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
