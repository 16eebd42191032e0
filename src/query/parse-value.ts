// Values of filter words: addresses, address blocks, ports. Names of hosts are refused, names of common ports known.
import { canonicalAddress, parseAddressOrNothing } from '../net/address.ts';
import { formatCidr, parseCidr } from '../net/cidr.ts';
import type { Direction, Filter } from './filter.ts';
import { refuse } from './word-cursor.ts';
import type { Word } from './words.ts';

const PORT_NAMES: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  tftp: 69,
  http: 80,
  kerberos: 88,
  pop3: 110,
  ntp: 123,
  imap2: 143,
  snmp: 161,
  bgp: 179,
  ldap: 389,
  https: 443,
  'microsoft-ds': 445,
  syslog: 514,
  ldaps: 636,
  imaps: 993,
  mysql: 3306,
  'ms-wbt-server': 3389,
  postgresql: 5432,
};

/** `host VALUE`: an address; with `/BITS` it is a net. Throws `query`. */
export function parseAddressTerm(dir: Direction, value: Word): Filter {
  if (value.text.includes('/')) return parseNetTerm(dir, value);
  if (parseAddressOrNothing(value.text) === undefined) {
    throw refuse(value, 'an IP address like 192.0.2.7 or 2001:db8::7 (names are not looked up)');
  }
  return { op: 'host', dir, address: canonicalAddress(value.text) };
}

/** `net VALUE`: a block; as in tcpdump `10`, `10.1` and `10.1.2` stand for /8, /16 and /24. Throws `query`. */
export function parseNetTerm(dir: Direction, value: Word): Filter {
  const short = /^\d+(\.\d+){0,2}$/.test(value.text) ? value.text.split('.') : undefined;
  const text =
    short === undefined ? value.text : `${[...short, '0', '0', '0'].slice(0, 4).join('.')}/${short.length * 8}`;
  try {
    return { op: 'net', dir, cidr: formatCidr(parseCidr(text)) };
  } catch {
    throw refuse(value, 'an address block like 192.0.2.0/24 or 2001:db8::/32');
  }
}

/** `port VALUE` (a number or a common name) or `portrange FROM-TO`. Throws `query`. */
export function parsePortTerm(dir: Direction, value: Word, range: boolean): Filter {
  const bounds = range ? value.text.split('-') : [value.text];
  const ports = bounds.map(parsePort);
  const [from, to = from] = ports;
  if (ports.length > 2 || from === undefined || to === undefined || ports.includes(undefined) || from > to) {
    throw refuse(value, range ? 'a range of ports like 6000-6008' : 'a port (0 to 65535) or a name like https');
  }
  return { op: 'port', dir, from, to };
}

function parsePort(text: string): number | undefined {
  if (/^\d{1,5}$/.test(text)) return Number(text) <= 65535 ? Number(text) : undefined;
  return Object.hasOwn(PORT_NAMES, text) ? PORT_NAMES[text] : undefined;
}
