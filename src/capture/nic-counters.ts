// What the kernel knows of one interface: /sys/class/net/<name>. Any interface, also virtual ones.
import { readFileSync } from 'node:fs';

export interface NicCounters {
  interfaceIndex: number;
  up: boolean;
  /** lost before any socket saw them: no room in the NIC's or the driver's ring */
  droppedPackets: number;
}

/** Undefined where there is no such interface. */
export function readNicCounters(name: string): NicCounters | undefined {
  const dir = `/sys/class/net/${name}`;
  try {
    const read = (file: string) => readFileSync(`${dir}/${file}`, 'utf8').trim();
    return {
      interfaceIndex: Number(read('ifindex')),
      up: read('operstate') === 'up' || read('operstate') === 'unknown',
      droppedPackets: Number(read('statistics/rx_dropped')) + Number(read('statistics/rx_missed_errors')),
    };
  } catch {
    return undefined;
  }
}
