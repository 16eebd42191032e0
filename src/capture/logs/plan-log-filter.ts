// The kernel's filter for syslog among all traffic: UDP to one of the ports, and the later fragments of any UDP
// datagram, which name no port. Behind up to two VLAN tags (the kernel takes a third, the outer one, off itself), not
// in tunnels; IPv6 with no other extension header than the one of a fragment.
import {
  ADD_INDEX,
  AND,
  assemble,
  COPY_TO_INDEX,
  type Instruction,
  JUMP_BITS,
  JUMP_EQUAL,
  LOAD_BYTE_INDEXED,
  LOAD_HALF,
  LOAD_HALF_INDEXED,
  RETURN,
  SET_INDEX,
  SHIFT_LEFT,
  type Step,
} from '../../net/bpf.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, VLAN_TYPES } from '../../net/ether-type.ts';

const ETHERNET_BYTES = 14;
const ETHER_TYPE = 12;
const TAG_BYTES = 4;
const IPV6_BYTES = 40;
const UDP = 17;
const FRAGMENT_HEADER = 44;
const FRAGMENT_BYTES = 8;
/** the whole frame, whatever its length */
const ALL = 0x40000;

/** The program for these destination ports. */
export function planLogFilter(ports: readonly number[]): Instruction[] {
  const anyOf = (values: readonly number[], yes: string): Step[] => values.map((k) => ({ code: JUMP_EQUAL, k, yes }));
  const toPort = [...anyOf(ports, 'take'), { code: RETURN, k: 0 }];
  return assemble([
    { code: SET_INDEX, k: 0 },
    { code: LOAD_HALF, k: ETHER_TYPE },
    ...anyOf(VLAN_TYPES, 'tagged'),
    ...anyOf([ETHERTYPE_IPV4], 'v4'),
    ...anyOf([ETHERTYPE_IPV6], 'v6'),
    { code: RETURN, k: 0 },
    'tagged',
    { code: SET_INDEX, k: TAG_BYTES },
    { code: LOAD_HALF, k: ETHER_TYPE + TAG_BYTES },
    ...anyOf([ETHERTYPE_IPV4], 'v4'),
    ...anyOf([ETHERTYPE_IPV6], 'v6'),
    ...anyOf(VLAN_TYPES, 'tagged twice'),
    { code: RETURN, k: 0 },
    'tagged twice',
    { code: SET_INDEX, k: 2 * TAG_BYTES },
    { code: LOAD_HALF, k: ETHER_TYPE + 2 * TAG_BYTES },
    ...anyOf([ETHERTYPE_IPV4], 'v4'),
    ...anyOf([ETHERTYPE_IPV6], 'v6'),
    { code: RETURN, k: 0 },
    'v4',
    { code: LOAD_BYTE_INDEXED, k: ETHERNET_BYTES + 9 },
    { code: JUMP_EQUAL, k: UDP, no: 'leave' },
    { code: LOAD_HALF_INDEXED, k: ETHERNET_BYTES + 6 },
    { code: JUMP_BITS, k: 0x1fff, yes: 'take' },
    { code: LOAD_BYTE_INDEXED, k: ETHERNET_BYTES },
    { code: AND, k: 0x0f },
    { code: SHIFT_LEFT, k: 2 },
    { code: ADD_INDEX, k: 0 },
    { code: COPY_TO_INDEX, k: 0 },
    { code: LOAD_HALF_INDEXED, k: ETHERNET_BYTES + 2 },
    ...toPort,
    'v6',
    { code: LOAD_BYTE_INDEXED, k: ETHERNET_BYTES + 6 },
    { code: JUMP_EQUAL, k: FRAGMENT_HEADER, yes: 'v6 fragment' },
    { code: JUMP_EQUAL, k: UDP, no: 'leave' },
    { code: LOAD_HALF_INDEXED, k: ETHERNET_BYTES + IPV6_BYTES + 2 },
    ...toPort,
    'v6 fragment',
    { code: LOAD_BYTE_INDEXED, k: ETHERNET_BYTES + IPV6_BYTES },
    { code: JUMP_EQUAL, k: UDP, no: 'leave' },
    { code: LOAD_HALF_INDEXED, k: ETHERNET_BYTES + IPV6_BYTES + 2 },
    { code: JUMP_BITS, k: 0xfff8, yes: 'take' },
    { code: LOAD_HALF_INDEXED, k: ETHERNET_BYTES + IPV6_BYTES + FRAGMENT_BYTES + 2 },
    ...toPort,
    'leave',
    { code: RETURN, k: 0 },
    'take',
    { code: RETURN, k: ALL },
  ]);
}
