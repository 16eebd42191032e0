// What the kernel knows of one interface: /sys/class/net/<name>. Any interface, also virtual ones.
import { readFileSync } from 'node:fs';

export interface NicCounters {
  interfaceIndex: number;
  up: boolean;
  /** lost before any socket saw them: no room in the NIC's or the driver's ring */
  droppedPackets: number;
  /** all that came: received, those that driver or kernel dropped among them, and missed in the NIC for want of room */
  offeredPackets: number;
  /** frames that came damaged */
  damagedFrames: number;
}

/** Undefined where there is no such interface. What each counter means: struct rtnl_link_stats64 of linux/if_link.h. */
export function readNicCounters(name: string): NicCounters | undefined {
  const dir = `/sys/class/net/${name}`;
  try {
    const read = (file: string) => readFileSync(`${dir}/${file}`, 'utf8').trim();
    const count = (counter: string) => Number(read(`statistics/${counter}`));
    const missed = count('rx_missed_errors');
    return {
      interfaceIndex: Number(read('ifindex')),
      up: read('operstate') === 'up' || read('operstate') === 'unknown',
      droppedPackets: count('rx_dropped') + missed,
      offeredPackets: count('rx_packets') + missed,
      damagedFrames: count('rx_errors'),
    };
  } catch {
    return undefined;
  }
}
