// Collects the answers that lie ready: seed file, VMware's guestinfo, OVF environment CD. Later ones win.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { Run } from '../os/process.ts';
import type { Paths } from '../paths.ts';
import { ANSWER_NAMES, parseOvfEnvironment, parseSeed, type RawAnswers } from './parse-answers.ts';

const OVF_FILE = 'ovf-env.xml';
const MAX_BYTES = 2 ** 20;

export interface FoundAnswers {
  answers: RawAnswers;
  problems: string[];
}

/** Text of the first CD that carries an OVF environment. */
async function readCd(run: Run): Promise<string | undefined> {
  for (const name of readdirSync('/dev').filter((name) => /^sr\d+$/.test(name))) {
    const dir = mkdtempSync('/run/mss-cd-');
    try {
      // an empty drive fails here, which is how most machines are
      const mounted = await run('mount', ['-t', 'iso9660', '-o', 'ro,nodev,nosuid,noexec', `/dev/${name}`, dir]);
      if (mounted.code !== 0) continue;
      const file = join(dir, OVF_FILE);
      if (existsSync(file)) return readFileSync(file).subarray(0, MAX_BYTES).toString();
    } finally {
      await run('umount', [dir]);
      rmdirSync(dir);
    }
  }
  return undefined;
}

/** One value of the hypervisor's guestinfo; undefined on any other machine. */
export async function readGuestinfo(run: Run, name: string): Promise<string | undefined> {
  const ran = await run('vmware-rpctool', [`info-get guestinfo.${name}`], { timeoutMs: 10_000 });
  return ran.code === 0 && ran.stdout.trim() !== '' ? ran.stdout : undefined;
}

export async function isVmware(run: Run): Promise<boolean> {
  const ran = await run('systemd-detect-virt', ['--vm']);
  return ran.stdout.trim() === 'vmware';
}

/** Never throws: a source that cannot be read is a problem with a name, and the others still count. */
export async function readAnswers(run: Run, at: Paths): Promise<FoundAnswers> {
  const answers: RawAnswers = {};
  const problems: string[] = [];
  const add = async (source: string, read: () => Promise<{ answers: RawAnswers; unknown: string[] } | undefined>) => {
    try {
      const found = await read();
      Object.assign(answers, found?.answers);
      for (const name of found?.unknown ?? []) problems.push(`${source}: "${name}" is no question of first start`);
    } catch (error) {
      problems.push(`${source}: ${messageOf(error)}`);
    }
  };
  const parsed = (text: string | undefined) => (text === undefined ? undefined : parseOvfEnvironment(text));

  await add(at.seedFile, async () =>
    existsSync(at.seedFile) ? parseSeed(readFileSync(at.seedFile, 'utf8')) : undefined,
  );
  if (at.root !== '') return { answers, problems };
  await add('guestinfo', async () => {
    if (!(await isVmware(run))) return undefined;
    const single: RawAnswers = {};
    for (const name of ANSWER_NAMES) {
      const value = await readGuestinfo(run, `mss.${name}`);
      if (value !== undefined) single[name] = value.trim();
    }
    const whole = parsed(await readGuestinfo(run, 'ovfEnv'));
    return { answers: { ...single, ...whole?.answers }, unknown: whole?.unknown ?? [] };
  });
  await add('OVF environment CD', async () => parsed(await readCd(run)));
  return { answers, problems };
}
