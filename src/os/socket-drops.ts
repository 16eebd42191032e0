// What the kernel threw away because a UDP socket's receive buffer was full: the last column of /proc/net/udp.
import { readFileSync } from 'node:fs';

/** Sum of the drops column over all sockets bound to `ports`. Text as in proc(5), "/proc/net/udp". */
export function parseSocketDrops(text: string, ports: ReadonlySet<number>): number {
  let drops = 0;
  for (const line of text.split('\n').slice(1)) {
    const columns = line.trim().split(' ').filter(Boolean);
    if (columns.length < 13) continue;
    const port = Number.parseInt(columns[1].slice(columns[1].lastIndexOf(':') + 1), 16);
    if (ports.has(port)) drops += Number(columns[columns.length - 1]);
  }
  return drops;
}

/** Datagrams dropped on the UDP `ports` of this machine since their sockets were opened, IPv4 and IPv6 together. */
export function readSocketDrops(ports: ReadonlySet<number>): number {
  let drops = 0;
  for (const file of ['/proc/net/udp', '/proc/net/udp6']) {
    try {
      drops += parseSocketDrops(readFileSync(file, 'latin1'), ports);
    } catch (error) {
      // a kernel without IPv6 has no second file
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return drops;
}
