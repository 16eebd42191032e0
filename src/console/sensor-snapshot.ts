// Everything the board, `mss status`, the menu and doctor know of the sensor at one moment.
import type { LastExit } from '../api/last-exit.ts';
import type { LedgerAnswer } from '../api/ledger.ts';
import type { ServiceStatus } from '../api/status.ts';
import type { Storage } from '../api/storage.ts';
import type { Identity } from '../config/identity.ts';
import { choosePromiscuous } from '../config/promiscuous.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import type { InterfaceState } from '../os/interfaces.ts';
import type { UnitState } from '../os/systemd.ts';
import type { ServiceName } from '../paths.ts';

export interface ServiceFacts {
  name: ServiceName;
  /** undefined where there is no systemd */
  unit?: UnitState;
  /** its last status file, however old */
  status?: ServiceStatus;
  /** undefined when it never ended by itself since the boot */
  lastExit?: LastExit;
}

export interface StorageFacts extends Storage {
  freeBytes: number;
  /** false: the share or disk that should be there is not, and nothing is written */
  mounted: boolean;
}

export interface SensorSnapshot {
  timeMs: number;
  hostName: string;
  /** undefined in a checkout */
  release?: string;
  /** undefined before first start */
  identity?: Identity;
  services: ServiceFacts[];
  interfaces: InterfaceState[];
  storage?: StorageFacts;
  systemDisk: { totalBytes: number; freeBytes: number };
  memory: { totalBytes: number; availableBytes: number };
  config: SensorConfig;
  /** the loss ledger's last hour, as one row */
  ledger?: LedgerAnswer;
  /** key paths that settings.sh overrides */
  overridden: string[];
  /** what is wrong with files that a person edits; each names its file */
  faults: string[];
}

/** What the sensor's numbers did between two snapshots. */
export interface InterfaceRate {
  name: string;
  packetsPerSecond: number;
  bitsPerSecond: number;
  droppedPerSecond: number;
}

/** Rates of every interface that stands in both. Counters that went back (driver reloaded) count as zero. */
export function ratesBetween(before: SensorSnapshot, after: SensorSnapshot): InterfaceRate[] {
  const seconds = (after.timeMs - before.timeMs) / 1000;
  if (seconds <= 0) return [];
  return after.interfaces.flatMap((now) => {
    const then = before.interfaces.find(({ name }) => name === now.name);
    if (then === undefined) return [];
    const rate = (a: number, b: number) => Math.max(0, b - a) / seconds;
    return {
      name: now.name,
      packetsPerSecond: rate(then.rxPackets, now.rxPackets),
      bitsPerSecond: rate(then.rxBytes, now.rxBytes) * 8,
      droppedPerSecond: rate(then.rxDropped, now.rxDropped),
    };
  });
}

/** The management interface: the first that has an address. */
export const managementInterface = (interfaces: readonly InterfaceState[]): InterfaceState | undefined =>
  interfaces.find(({ addresses }) => addresses.length > 0);

/** Those that listen, as far as they are there. */
export function listeningInterfaces({ config, interfaces }: SensorSnapshot): InterfaceState[] {
  const names = choosePromiscuous(config.capture, interfaces);
  return interfaces.filter(({ name }) => names.includes(name));
}
