// The machine's network interfaces as the kernel shows them in /sys/class/net. Reads only.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

export interface InterfaceState {
  name: string;
  mac: string;
  /** administratively up (IFF_UP) */
  up: boolean;
  /** the cable, or its virtual counterpart, is in */
  carrier: boolean;
  speedMbps?: number;
  /** some program listens to everything (IFF_PROMISC) */
  promiscuous: boolean;
  /** with prefix: 192.0.2.7/24; link-local IPv6 is left out */
  addresses: string[];
  /** the bond it belongs to */
  master?: string;
  rxPackets: number;
  rxBytes: number;
  /** lost before any program could see them: ring of the NIC or of the driver */
  rxDropped: number;
}

const IFF_UP = 0x1; // include/uapi/linux/if.h
const IFF_PROMISC = 0x100;

/**
 * Interfaces that stand for a network card, and bonds of them; loopback, bridges and containers' are left out.
 * @param sysDir /sys, or a test's copy of it
 */
export function readInterfaces(sysDir = '/sys'): InterfaceState[] {
  const dir = join(sysDir, 'class/net');
  const addresses = networkInterfaces();
  return readdirSync(dir)
    .filter((name) => existsSync(join(dir, name, 'device')) || existsSync(join(dir, name, 'bonding')))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => {
      const read = (file: string) => readOrEmpty(join(dir, name, file));
      const flags = Number(read('flags'));
      const speed = Number(read('speed'));
      return {
        name,
        mac: read('address'),
        up: (flags & IFF_UP) !== 0,
        carrier: read('carrier') === '1',
        speedMbps: speed > 0 && speed < 2 ** 31 ? speed : undefined,
        promiscuous: (flags & IFF_PROMISC) !== 0,
        addresses: (addresses[name] ?? [])
          .filter(({ address }) => !address.startsWith('fe80:'))
          .map(({ cidr, address }) => cidr ?? address),
        master: /^INTERFACE=(.+)$/m.exec(read('master/uevent'))?.[1],
        rxPackets: Number(read('statistics/rx_packets')),
        rxBytes: Number(read('statistics/rx_bytes')),
        rxDropped: Number(read('statistics/rx_dropped')) + Number(read('statistics/rx_missed_errors')),
      };
    });
}

/** `carrier` and `speed` of an interface that is down cannot be read at all (EINVAL). */
function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
