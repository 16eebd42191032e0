// Gathers a SensorSnapshot from status files, /sys, /proc and systemd. Reads only; what cannot be read is a fault in it.
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { freemem, hostname, totalmem } from 'node:os';
import { basename } from 'node:path';
import { defaultConfig } from '../config/parse.ts';
import { messageOf } from '../errors.ts';
import { loadConfig } from '../os/config-file.ts';
import { findIdentity } from '../os/identity-file.ts';
import { readInterfaces } from '../os/interfaces.ts';
import { findLastExit } from '../os/last-exit.ts';
import { type Run, run } from '../os/process.ts';
import { findStatus } from '../os/status-file.ts';
import { findStorage, isMountPoint, readSpace } from '../os/storage-file.ts';
import { findUnitStates, type UnitState } from '../os/systemd.ts';
import { type Paths, paths, SERVICES } from '../paths.ts';
import { ledgerHourReader } from './ledger-hour.ts';
import type { SensorSnapshot, StorageFacts } from './sensor-snapshot.ts';

/** The services of a sensor at work; first start is over by then. */
export const SHOWN_SERVICES = SERVICES.filter((name) => name !== 'firstboot' && name !== 'console');

/** Answers what `read` does, or undefined; why goes into `faults`. */
function attempt<T>(faults: string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    faults.push(messageOf(error));
    return undefined;
  }
}

function readStorage(at: Paths): StorageFacts | undefined {
  const storage = findStorage(at);
  if (storage === undefined) return undefined;
  const mounted = storage.mountPoint === undefined || isMountPoint(storage.mountPoint);
  // The folder itself is closed to most; its file system is not.
  const { freeBytes } = readSpace(storage.mountPoint ?? `${at.root}/`);
  return { ...storage, mounted, freeBytes };
}

const findRelease = (at: Paths): string | undefined => {
  try {
    return basename(realpathSync(at.currentRelease));
  } catch {
    return undefined;
  }
};

/** After a day a person has seen it, and it is the journal's. */
const FIRST_START_NEWS_MS = 86_400_000;

/** Answers given for first start that were wrong; firstboot keeps them in its state. */
function readFirstStartProblems(at: Paths): string[] {
  try {
    if (Date.now() - statSync(at.firstStartFile).mtimeMs > FIRST_START_NEWS_MS) return [];
    const { problems } = JSON.parse(readFileSync(at.firstStartFile, 'utf8')) as { problems: string[] };
    return problems.map((text) => `first start: ${text}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** MemAvailable of proc(5), which counts what the page cache would give back. */
function readAvailableBytes(): number {
  try {
    return Number(/^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
  } catch {
    return freemem();
  }
}

/** Asking systemd starts a program, which a board that draws all day should not do at each turn. */
const UNITS_EVERY_MS = 5000;

/** A reader of snapshots that asks systemd now and then only. It never throws: broken files are what it has to show. */
export function snapshotReader(at: Paths = paths, runIt: Run = run): () => Promise<SensorSnapshot> {
  let units: UnitState[] = [];
  let unitFault: string | undefined;
  let askedMs = 0;
  const readHour = ledgerHourReader(at);
  const askUnits = async () => {
    try {
      units = await findUnitStates(
        runIt,
        SHOWN_SERVICES.map((name) => `mss-${name}.service`),
      );
      unitFault = undefined;
    } catch (error) {
      unitFault = messageOf(error);
    }
    askedMs = Date.now();
  };
  return async () => {
    const ageMs = Date.now() - askedMs;
    // a checkout's folder has no units; a clock set back must not keep old ones
    if (at.root === '' && (ageMs >= UNITS_EVERY_MS || ageMs < 0)) await askUnits();
    const faults = unitFault === undefined ? [] : [unitFault];
    const ledger = attempt(faults, () => readHour(Date.now()));
    return { ...gather(at, units, faults), ledger };
  };
}

/** One snapshot. */
export const readSnapshot = (at: Paths = paths, runIt: Run = run): Promise<SensorSnapshot> =>
  snapshotReader(at, runIt)();

function gather(at: Paths, units: readonly UnitState[], faults: string[]): SensorSnapshot {
  faults.push(...(attempt(faults, () => readFirstStartProblems(at)) ?? []));
  const loaded = attempt(faults, () => loadConfig(at)) ?? { config: defaultConfig(), overridden: [] };
  return {
    timeMs: Date.now(),
    hostName: hostname(),
    release: findRelease(at),
    identity: attempt(faults, () => findIdentity(at)),
    services: SHOWN_SERVICES.map((name) => ({
      name,
      unit: units.find(({ unit }) => unit === `mss-${name}.service`),
      status: attempt(faults, () => findStatus(at, name)),
      lastExit: findLastExit(name, at),
    })),
    interfaces: attempt(faults, () => readInterfaces()) ?? [],
    storage: attempt(faults, () => readStorage(at)),
    systemDisk: attempt(faults, () => readSpace(`${at.root}/`)) ?? { totalBytes: 0, freeBytes: 0 },
    memory: { totalBytes: totalmem(), availableBytes: readAvailableBytes() },
    ...loaded,
    faults,
  };
}
