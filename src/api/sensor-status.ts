// The sensor's state in one answer, for the strip of the pages.
import type { LastExit } from './last-exit.ts';
import type { ServiceStatus } from './status.ts';
import type { Storage } from './storage.ts';

export interface SensorStatus {
  name: string;
  services: ServiceStatus[];
  /** the services that ended by themselves since the boot; the engine too, which has no status of its own */
  exits: LastExit[];
  storage?: Storage & { freeBytes?: number };
  /** the sensor's own clock */
  nowMs: number;
}
