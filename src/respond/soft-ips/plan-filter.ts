// A classic BPF program (Linux: Documentation/networking/filter.rst) that lets through packets from or to blocked
// addresses only, so that a busy mirror costs softips nothing.
import { AND, type Instruction, JUMP, JUMP_EQUAL, LOAD_HALF, LOAD_WORD, RETURN } from '../../net/bpf.ts';
import type { Cidr } from '../../net/cidr.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../../net/ether-type.ts';

const ETHER_TYPE = 12;
const IPV4 = { type: ETHERTYPE_IPV4, addresses: [26, 30] };
const IPV6 = { type: ETHERTYPE_IPV6, addresses: [22, 38] };
/** headers with every option, and what an ICMP message quotes */
const SNAP_BYTES = 160;

const load = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k });
const take: Instruction = load(RETURN, SNAP_BYTES);
const leave: Instruction = load(RETURN, 0);

/** The program; at most 26 instructions a block and 10 besides. */
export function planFilter(targets: readonly Cidr[]): Instruction[] {
  const v4 = sectionOf(targets, 4, IPV4.addresses);
  const v6 = sectionOf(targets, 16, IPV6.addresses);
  return [
    load(LOAD_HALF, ETHER_TYPE),
    { code: JUMP_EQUAL, jt: 0, jf: 1, k: IPV4.type },
    load(JUMP, 3), // to v4
    { code: JUMP_EQUAL, jt: 0, jf: 1, k: IPV6.type },
    load(JUMP, v4.length + 2), // to v6
    leave,
    ...v4,
    leave,
    ...v6,
    leave,
  ];
}

function sectionOf(targets: readonly Cidr[], addressBytes: number, offsets: readonly number[]): Instruction[] {
  return targets
    .filter(({ network }) => network.length === addressBytes)
    .flatMap((target) => offsets.flatMap((offset) => testOf(target, offset)));
}

/** Returns the packet when the address at `offset` lies in `target`, else goes on behind itself. */
function testOf({ network, prefixBits }: Cidr, offset: number): Instruction[] {
  const view = new DataView(network.buffer, network.byteOffset);
  const words: { at: number; mask: number; value: number }[] = [];
  for (let bit = 0; bit < prefixBits; bit += 32) {
    const mask = prefixBits - bit >= 32 ? 0xffffffff : (0xffffffff << (32 - (prefixBits - bit))) >>> 0;
    words.push({ at: offset + bit / 8, mask, value: view.getUint32(bit / 8) });
  }
  const program: Instruction[] = [];
  const ends: number[] = [];
  for (const { at, mask, value } of words) {
    program.push(load(LOAD_WORD, at));
    if (mask !== 0xffffffff) program.push(load(AND, mask));
    ends.push(program.push({ code: JUMP_EQUAL, jt: 0, jf: 0, k: value }) - 1);
  }
  program.push(take);
  for (const i of ends) program[i].jf = program.length - 1 - i;
  return program;
}
