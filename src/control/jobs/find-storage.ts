// find-storage: finds a place for the packet log, mounts it, makes this sensor's own folder there, and says where.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Storage } from '../../api/storage.ts';
import { MssError, messageOf } from '../../errors.ts';
import { writeFileAtomic } from '../../os/atomic-file.ts';
import { findIdentity } from '../../os/identity-file.ts';
import { giveFolder, makeFolderBelow } from '../../os/own-folder.ts';
import { runChecked } from '../../os/process.ts';
import { findStorage, readSpace, writeStorage } from '../../os/storage-file.ts';
import type { Machine, Progress, RunJob } from '../jobs.ts';
import { isMountedBy, startMount, stopMounts } from '../storage/mount-units.ts';
import { PACKET_LABEL, planStorage, type StorageCandidate } from '../storage/plan-storage.ts';
import { readSources } from '../storage/read-sources.ts';
import { labelOf, type Owner, renderBindMount, renderMount } from '../storage/render-mount.ts';
import { TARGET } from './units.ts';

const WRITER = 'mss-capture';
const READERS = 'mss-packets';
const CAPTURE_UNIT = 'mss-capture.service';

/** What was found at the last boot: a share that vanished has to be noticed. */
const lastFile = (machine: Machine): string => `${machine.at.stateDir('control')}/last-storage`;

async function format(machine: Machine, device: string, typed: boolean): Promise<void> {
  // Few, large files, none of them root's; tables are written later, in the background.
  const tuning = ['-m', '0', '-T', 'largefile4', '-E', 'lazy_itable_init=1,lazy_journal_init=1,nodiscard'];
  await runChecked(machine.run, 'mkfs.ext4', ['-q', ...(typed ? ['-F'] : []), ...tuning, '-L', PACKET_LABEL, device], {
    timeoutMs: 300_000,
  });
}

/** Every place where a packet log may be mounted, the innermost first. */
const mountPlaces = ({ at }: Machine, uuid: string): string[] => [
  `${at.packetMount}/MetaFlows/${uuid}`,
  at.closedShareMount,
  at.packetMount,
];

/**
 * Whether capture itself can write there: the one judge who knows what a share's host refuses.
 * @returns undefined when it can, else what it was told
 */
async function whyNotWritable({ run }: Machine, dir: string): Promise<string | undefined> {
  const as = ['-p', `User=${WRITER}`, '-p', `Group=${READERS}`, '-p', 'LogLevelMax=warning'];
  const write = [': >"$1/.writable" && rm "$1/.writable"', 'sh', dir];
  const ran = await run('systemd-run', ['--quiet', '--wait', '--collect', '--pipe', ...as, '/bin/sh', '-c', ...write], {
    timeoutMs: 60_000,
  });
  return ran.code === 0 ? undefined : ran.stderr.trim().split('\n').at(-1) || `exit code ${ran.code}`;
}

/** Mounts a disk or share and makes this sensor's folder on it. */
async function mount(
  machine: Machine,
  candidate: StorageCandidate,
  uuid: string,
  owner: Owner | undefined,
  progress: Progress,
): Promise<{ mountPoint: string; dir: string }> {
  const { at } = machine;
  const render = (where: string) => renderMount(candidate, where, owner ?? { userId: 0, groupId: 0 }) ?? '';
  await startMount(machine, at.packetMount, render(at.packetMount));
  const dir = makeFolder(at.packetMount, uuid, owner, progress);
  if (candidate.kind === 'disk' || (await whyNotWritable(machine, dir)) === undefined) {
    return { mountPoint: at.packetMount, dir };
  }
  // The share's own folder may be closed to all but its owner. Changing that is not ours; a way around it is.
  await stopMounts(machine, [at.packetMount]);
  mkdirSync(at.closedShareMount, { recursive: true, mode: 0o700 });
  await startMount(machine, at.closedShareMount, render(at.closedShareMount));
  const inside = makeFolder(at.closedShareMount, uuid, owner, progress);
  const shown = makeFolderBelow(at.packetMount, ['MetaFlows', uuid]);
  await startMount(machine, shown, renderBindMount(inside, shown, at.closedShareMount));
  const why = await whyNotWritable(machine, shown);
  if (why === undefined) return { mountPoint: shown, dir: shown };
  await stopMounts(machine, mountPlaces(machine, uuid));
  throw new MssError('io', `${WRITER} may not write on it (${why}): let it, or this machine as a whole, write there`);
}

/** This sensor's folder, owned by capture; a share that knows no owners leaves it open to this machine's services. */
function makeFolder(storage: string, uuid: string, owner: Owner | undefined, progress: Progress): string {
  return makeFolderBelow(storage, ['MetaFlows', uuid], (fd) => {
    if (owner === undefined) return;
    try {
      giveFolder(fd, owner.userId, owner.groupId, 0o750);
    } catch (error) {
      progress(`${storage} cannot hold owners (${messageOf(error)}); the folder is left as the share shows it`);
    }
  });
}

async function take(machine: Machine, candidate: StorageCandidate, uuid: string, progress: Progress): Promise<Storage> {
  const { at, ids, run } = machine;
  const owner = ids && { userId: ids.user(WRITER), groupId: ids.group(READERS) };
  if (candidate.kind === 'disk' && candidate.format !== 'no') {
    progress(`formatting ${labelOf(candidate)}`);
    await format(machine, candidate.device, candidate.format === 'typed');
  }
  if (candidate.kind === 'system') {
    mkdirSync(at.packetFallback, { recursive: true });
    const dir = makeFolder(at.packetFallback, uuid, owner, progress);
    return { kind: 'system', dir, label: labelOf(candidate), totalBytes: candidate.totalBytes };
  }
  const other = renderMount(candidate, at.packetMount, owner ?? { userId: 0, groupId: 0 }) ?? '';
  // Capture stands still while another storage comes below it.
  const exchanges =
    !isMountedBy(machine, at.packetMount, other) &&
    (await stopMounts(machine, mountPlaces(machine, uuid), [CAPTURE_UNIT]));
  const mounted = await mount(machine, candidate, uuid, owner, progress);
  if (exchanges && (await run('systemctl', ['is-active', TARGET])).code === 0) {
    await runChecked(run, 'systemctl', ['start', '--no-block', CAPTURE_UNIT]);
  }
  return {
    kind: candidate.kind,
    ...mounted,
    label: labelOf(candidate),
    totalBytes: readSpace(mounted.mountPoint).totalBytes,
  };
}

/** What was decided earlier in this boot and still holds: storage never changes below a running capture. */
function stillThere(machine: Machine): Storage | undefined {
  const storage = findStorage(machine.at);
  return storage?.mountPoint !== undefined && machine.isMountPoint(storage.mountPoint) ? storage : undefined;
}

/** @returns a warning when the packets go elsewhere than before */
function noteChange(machine: Machine, { label }: Storage): string | undefined {
  const file = lastFile(machine);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : label;
  mkdirSync(dirname(file), { recursive: true });
  writeFileAtomic(file, label);
  return before === label ? undefined : `packets now go to ${label}; earlier ones are on ${before}`;
}

export const findStorageJob =
  (machine: Machine, onWarning: (text: string) => void): RunJob<'find-storage'> =>
  async ({ format: typed }, progress) => {
    const identity = findIdentity(machine.at);
    if (identity === undefined)
      throw new MssError('control', 'no identity yet; first start makes it, then storage is found');
    const kept = typed === undefined ? stillThere(machine) : undefined;
    if (kept !== undefined) return { text: `packets go to ${kept.label}`, result: kept };
    const { candidates, notes } = planStorage(await readSources(machine), typed);
    for (const note of notes) progress(note);
    const passedOver: string[] = [];
    for (const candidate of candidates) {
      try {
        const storage = await take(machine, candidate, identity.uuid, progress);
        if (passedOver.length > 0) storage.passedOver = passedOver;
        writeStorage(storage, machine.at);
        const change = noteChange(machine, storage);
        if (change !== undefined) onWarning(change);
        return { text: `packets go to ${storage.label}`, result: storage };
      } catch (error) {
        // A device that a person named is not quietly replaced by another.
        if (typed !== undefined) throw error;
        const text = `${labelOf(candidate)} cannot hold packets: ${messageOf(error)}`;
        passedOver.push(text);
        onWarning(text);
      }
    }
    rmSync(machine.at.storageFile, { force: true });
    throw new MssError('control', 'no place for packets was found; see "mss status"');
  };
