// Addresses this machine cannot do without: its own, its gateways, its resolvers.
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { formatAddress } from '../net/address.ts';

/** Addresses of this machine's interfaces. */
export const readInterfaceAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []);

/** Each found address once, as text. What cannot be read is left out: a machine without IPv6 has no such table. */
export function readOwnAddresses(root = ''): string[] {
  const resolvers = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'].flatMap((file) =>
    [...readOrEmpty(`${root}${file}`).matchAll(/^nameserver\s+([0-9A-Fa-f.:]+)/gm)].map(([, address]) => address),
  );
  return [...new Set([...readInterfaceAddresses(), ...resolvers, ...readGateways(root)])];
}

/** /proc/net/route has its numbers in the machine's byte order, /proc/net/ipv6_route in the network's; proc(5). */
function readGateways(root: string): string[] {
  const v4 = [...readOrEmpty(`${root}/proc/net/route`).matchAll(/^\S+\t[0-9A-F]{8}\t([0-9A-F]{8})\t/gm)]
    .map(([, hex]) => formatAddress(Buffer.from(hex, 'hex').reverse()))
    .filter((address) => address !== '0.0.0.0');
  const v6 = [...readOrEmpty(`${root}/proc/net/ipv6_route`).matchAll(/^(?:\S+ ){4}([0-9a-f]{32}) /gm)]
    .map(([, hex]) => formatAddress(Buffer.from(hex, 'hex')))
    .filter((address) => address !== '::');
  return [...v4, ...v6];
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
