// Private keys to encrypted packets, as files: those that a person gives, and those that are unlocked for a time: in
// memory only, for root and who may read the packet log.
import { closeSync, fchmodSync, openSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MssError, messageOf } from '../errors.ts';
import { keyId, type PacketKey, parsePrivateKey, renderPrivateKey } from '../store/sealed/packet-keys.ts';

const TMPFS_MAGIC = 0x01021994; // linux/magic.h
/** <key id>.<until when, in seconds since 1970>.pem */
const UNLOCKED = /^([0-9a-f]{16})\.(\d{1,12})\.pem$/;

export interface UnlockedKey {
  id: string;
  untilMs: number;
  path: string;
}

/** Reads a private key's PEM file. Throws MssError `not-found` or `usage`. */
export function readPacketKey(path: string): PacketKey {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new MssError('not-found', `the key file ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  return parsePrivateKey(pem, path);
}

/** Writes a private key into a new file that its owner alone can read. Throws MssError `io`, also where there is one. */
export function writePacketKey(path: string, key: PacketKey): void {
  try {
    writeFileSync(path, renderPrivateKey(key), { mode: 0o600, flag: 'wx', flush: true });
  } catch (cause) {
    throw new MssError('io', `the key cannot be written to ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** Keys that are unlocked now; a folder that is not there has none. What has expired is passed over. */
export function listUnlocked(dir: string, nowMs: number): UnlockedKey[] {
  return findUnlocked(dir).filter(({ untilMs }) => untilMs > nowMs);
}

/** The keys themselves. Throws MssError `not-found` where one may not be read. */
export function readUnlocked(dir: string, nowMs: number): PacketKey[] {
  return listUnlocked(dir, nowMs).map(({ path }) => readPacketKey(path));
}

/**
 * Lets everyone who may read the packet log use a key for a time.
 * @param dir in memory, of the group that may read the packet log.
 * @throws MssError `io` where the folder is missing, or on a disk.
 */
export function unlockPacketKey(dir: string, key: PacketKey, untilMs: number): UnlockedKey {
  const id = keyId(key.publicKey);
  const path = join(dir, `${id}.${Math.floor(untilMs / 1000)}.pem`);
  try {
    if (statfsSync(dir).type !== TMPFS_MAGIC) throw new Error(`${dir} is on a disk, and not in memory`);
    lockPacketKeys(dir, id);
    const fd = openSync(path, 'wx', 0o640);
    try {
      fchmodSync(fd, 0o640); // whatever the umask: the group is the one that may read packets
      writeFileSync(fd, renderPrivateKey(key));
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw new MssError('io', `the key cannot be unlocked: ${messageOf(cause)}`, { cause });
  }
  return { id, untilMs, path };
}

/** Takes unlocked keys away. @param id of one of them only. @returns how many there were */
export function lockPacketKeys(dir: string, id?: string): number {
  const found = findUnlocked(dir).filter((one) => id === undefined || one.id === id);
  for (const { path } of found) rmSync(path, { force: true });
  return found.length;
}

function findUnlocked(dir: string): UnlockedKey[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return []; // not there, or not for us: the query says then which key it lacks
  }
  return names.flatMap((name) => {
    const match = UNLOCKED.exec(name);
    return match === null ? [] : [{ id: match[1], untilMs: Number(match[2]) * 1000, path: join(dir, name) }];
  });
}
