// The sensor's state in one answer, for the strip of the pages.
import type { ServiceStatus } from './status.ts';
import type { Storage } from './storage.ts';

export interface SensorStatus {
  name: string;
  services: ServiceStatus[];
  storage?: Storage & { freeBytes?: number };
  /** the sensor's own clock */
  nowMs: number;
}
