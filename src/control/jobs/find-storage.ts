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
import { PACKET_LABEL, planStorage, type StorageCandidate } from '../storage/plan-storage.ts';
import { readSources } from '../storage/read-sources.ts';
import { labelOf, MOUNT_UNIT, type Owner, renderMount } from '../storage/render-mount.ts';
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

/** Makes what the unit file says the state of the mount point; capture is stopped while another storage is below it. */
async function mount(machine: Machine, unit: string): Promise<void> {
  const { at, run } = machine;
  const file = `${at.root}/run/systemd/system/${MOUNT_UNIT}`;
  const changes = !existsSync(file) || readFileSync(file, 'utf8') !== unit;
  const exchanges = changes && machine.isMountPoint(at.packetMount);
  if (exchanges) await runChecked(run, 'systemctl', ['stop', CAPTURE_UNIT, MOUNT_UNIT]);
  if (changes) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileAtomic(file, unit, { mode: 0o644, durable: false });
    await runChecked(run, 'systemctl', ['daemon-reload']);
  }
  mkdirSync(at.packetMount, { recursive: true });
  await runChecked(run, 'systemctl', ['start', MOUNT_UNIT], { timeoutMs: 120_000 });
  if (!machine.isMountPoint(at.packetMount)) throw new MssError('io', `${at.packetMount} is no mount after all`);
  if (exchanges && (await run('systemctl', ['is-active', TARGET])).code === 0) {
    await runChecked(run, 'systemctl', ['start', '--no-block', CAPTURE_UNIT]);
  }
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
  const { at, ids } = machine;
  const owner = ids && { userId: ids.user(WRITER), groupId: ids.group(READERS) };
  if (candidate.kind === 'disk' && candidate.format !== 'no') {
    progress(`formatting ${labelOf(candidate)}`);
    await format(machine, candidate.device, candidate.format === 'typed');
  }
  const unit = renderMount(candidate, at.packetMount, owner ?? { userId: 0, groupId: 0 });
  if (unit === undefined || candidate.kind === 'system') {
    mkdirSync(at.packetFallback, { recursive: true });
    const totalBytes = candidate.kind === 'system' ? candidate.totalBytes : 0;
    return {
      kind: 'system',
      dir: makeFolder(at.packetFallback, uuid, owner, progress),
      label: 'system disk',
      totalBytes,
    };
  }
  await mount(machine, unit);
  return {
    kind: candidate.kind,
    mountPoint: at.packetMount,
    dir: makeFolder(at.packetMount, uuid, owner, progress),
    label: labelOf(candidate),
    totalBytes: readSpace(at.packetMount).totalBytes,
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
    for (const candidate of candidates) {
      try {
        const storage = await take(machine, candidate, identity.uuid, progress);
        writeStorage(storage, machine.at);
        const change = noteChange(machine, storage);
        if (change !== undefined) onWarning(change);
        return { text: `packets go to ${storage.label}`, result: storage };
      } catch (error) {
        // A device that a person named is not quietly replaced by another.
        if (typed !== undefined) throw error;
        onWarning(`${labelOf(candidate)} cannot hold packets: ${messageOf(error)}`);
      }
    }
    rmSync(machine.at.storageFile, { force: true });
    throw new MssError('control', 'no place for packets was found; see "mss status"');
  };
