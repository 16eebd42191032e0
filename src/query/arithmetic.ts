// tcpdump's numbers out of a packet: `tcp[13]`, `ip[2:2] - 20`, `len`; 32 bits without a sign, as in BPF.
import { HAS_IPV4, LATER_FRAGMENT, W_KIND, W_PROTO } from '../pcap/key-words.ts';
import type { PacketKeyReader } from '../pcap/packet-key.ts';

export const LOADABLE = ['ether', 'ip', 'ip6', 'arp', 'tcp', 'udp', 'icmp', 'icmp6', 'sctp'] as const;
export type Loadable = (typeof LOADABLE)[number];
export type Relation = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type Sign = '+' | '-' | '*' | '/' | '&' | '|' | '<<' | '>>';

export type Arithmetic =
  | { kind: 'number'; value: number }
  | { kind: 'length' }
  | { kind: 'load'; proto: Loadable; at: Arithmetic; bytes: 1 | 2 | 4 }
  | { kind: 'operation'; sign: Sign; left: Arithmetic; right: Arithmetic };

/** What a program of BPF ends with at once: a load behind the packet, or a division by zero, rejects the packet. */
export interface Verdict {
  rejected: boolean;
}

type Value = (keys: PacketKeyReader, lengthBytes: number) => number;
type Guard = (keys: PacketKeyReader) => boolean;

/**
 * A comparison as a test. As in tcpdump it is false for packets that do not have the headers it names; transport headers
 * are looked for in IPv4 only (IPv6 has none at a fixed place).
 */
export function compileComparison(
  left: Arithmetic,
  relation: Relation,
  right: Arithmetic,
  verdict: Verdict,
): (keys: PacketKeyReader, lengthBytes: number) => boolean {
  const guards = [...protocolsOf(left), ...protocolsOf(right)].map((proto) => GUARDS[proto]);
  const [a, b] = [compileValue(left, verdict), compileValue(right, verdict)];
  const compare = COMPARE[relation];
  return (keys, lengthBytes) => {
    for (const guard of guards) if (!guard(keys)) return false;
    return compare(a(keys, lengthBytes), b(keys, lengthBytes));
  };
}

const COMPARE: Record<Relation, (a: number, b: number) => boolean> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function protocolsOf(value: Arithmetic): Set<Loadable> {
  if (value.kind === 'load') return new Set([value.proto, ...protocolsOf(value.at)]);
  if (value.kind === 'operation') return new Set([...protocolsOf(value.left), ...protocolsOf(value.right)]);
  return new Set();
}

const isEtherType =
  (type: number): Guard =>
  ({ words }) =>
    words[W_KIND] >>> 16 === type;
const isIpv4Protocol =
  (proto: number): Guard =>
  ({ words }) =>
    (words[W_KIND] & (HAS_IPV4 | LATER_FRAGMENT)) === HAS_IPV4 && words[W_PROTO] >>> 24 === proto;

const GUARDS: Record<Loadable, Guard> = {
  ether: ({ linkType }) => linkType === 1,
  ip: isEtherType(0x0800),
  ip6: isEtherType(0x86dd),
  arp: isEtherType(0x0806),
  tcp: isIpv4Protocol(6),
  udp: isIpv4Protocol(17),
  sctp: isIpv4Protocol(132),
  icmp: isIpv4Protocol(1),
  icmp6: (keys) => keys.words[W_KIND] >>> 16 === 0x86dd && keys.bytes[keys.networkAt + 6] === 58,
};

function compileValue(value: Arithmetic, verdict: Verdict): Value {
  switch (value.kind) {
    case 'number':
      return () => value.value;
    case 'length':
      return (_keys, lengthBytes) => lengthBytes;
    case 'load':
      return compileLoad(value.proto, compileValue(value.at, verdict), value.bytes, verdict);
    case 'operation': {
      const [a, b] = [compileValue(value.left, verdict), compileValue(value.right, verdict)];
      return compileOperation(value.sign, a, b, verdict);
    }
  }
}

function compileOperation(sign: Sign, a: Value, b: Value, verdict: Verdict): Value {
  switch (sign) {
    case '+':
      return (keys, length) => (a(keys, length) + b(keys, length)) >>> 0;
    case '-':
      return (keys, length) => (a(keys, length) - b(keys, length)) >>> 0;
    case '*':
      return (keys, length) => Math.imul(a(keys, length), b(keys, length)) >>> 0;
    case '&':
      return (keys, length) => (a(keys, length) & b(keys, length)) >>> 0;
    case '|':
      return (keys, length) => (a(keys, length) | b(keys, length)) >>> 0;
    case '/':
      return (keys, length) => {
        const divisor = b(keys, length);
        if (divisor === 0) verdict.rejected = true;
        return divisor === 0 ? 0 : Math.floor(a(keys, length) / divisor);
      };
    case '<<':
    case '>>':
      return (keys, length) => {
        const [value, bits] = [a(keys, length), b(keys, length)];
        if (bits > 31) return 0;
        return (sign === '<<' ? value << bits : value >>> bits) >>> 0;
      };
  }
}

function compileLoad(proto: Loadable, at: Value, bytes: 1 | 2 | 4, verdict: Verdict): Value {
  return (keys, length) => {
    const from = headerAt(proto, keys) + at(keys, length);
    if (from + bytes > keys.frameEnd) {
      verdict.rejected = true;
      return 0;
    }
    const u8 = keys.bytes;
    if (bytes === 1) return u8[from];
    const high = (u8[from] << 8) | u8[from + 1];
    return bytes === 2 ? high : ((high << 16) | (u8[from + 2] << 8) | u8[from + 3]) >>> 0;
  };
}

function headerAt(proto: Loadable, keys: PacketKeyReader): number {
  if (proto === 'ether') return keys.frameAt;
  if (proto === 'ip' || proto === 'ip6' || proto === 'arp') return keys.networkAt;
  return proto === 'icmp6' ? keys.networkAt + 40 : keys.transportAt;
}
