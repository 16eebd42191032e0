// IP protocol numbers and the names people write for them (IANA "Assigned Internet Protocol Numbers").
import { MssError } from '../errors.ts';

export const TCP = 6;
export const UDP = 17;
export const SCTP = 132;
export const ICMP = 1;
export const ICMP6 = 58;

const NAMES: Record<string, number> = {
  icmp: ICMP,
  igmp: 2,
  ipip: 4,
  tcp: TCP,
  udp: UDP,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmp6: ICMP6,
  'ipv6-icmp': ICMP6,
  icmpv6: ICMP6,
  ospf: 89,
  pim: 103,
  vrrp: 112,
  sctp: SCTP,
};

/** Name or number of an IP protocol to its number. Throws `network`. */
export function parseProtocol(text: string): number {
  const known = Object.hasOwn(NAMES, text.toLowerCase()) ? NAMES[text.toLowerCase()] : undefined;
  if (known !== undefined) return known;
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return Number(text);
  throw new MssError(
    'network',
    `"${text}" is not an IP protocol; write tcp, udp, sctp, icmp, icmp6 or a number to 255`,
  );
}

/** Short name of an IP protocol, or its number as text. */
export function formatProtocol(proto: number): string {
  return Object.keys(NAMES).find((name) => NAMES[name] === proto) ?? String(proto);
}

/** Whether the protocol's header begins with two 16-bit ports. */
export function hasPorts(proto: number): boolean {
  return proto === TCP || proto === UDP || proto === SCTP;
}
