// Groups of AF_PACKET sockets that share what arrives: each packet goes to one of them. packet(7), PACKET_FANOUT.
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const cSetsockopt = libc.func('int setsockopt(int, int, int, const void *, uint32_t)');
const cGetsockopt = libc.func('int getsockopt(int, int, int, void *, void *)');

const SOL_PACKET = 263;
const PACKET_FANOUT = 18;
/**
 * By a hash of the flow that is the same for both directions, and for all fragments of a datagram. The kernel's own
 * putting together of fragments (PACKET_FANOUT_FLAG_DEFRAG) is left out: the ring would get what was never on the wire.
 */
const FANOUT_HASH = 0;
/** a ring that is full hands over to one that is not, which breaks the order but loses nothing */
const FANOUT_ROLLOVER = 0x1000;
const FANOUT_UNIQUE_ID = 0x2000;
/** in a group the sockets' own PACKET_IGNORE_OUTGOING does not count */
const FANOUT_IGNORE_OUTGOING = 0x4000;
const FANOUT_MODE = FANOUT_HASH | FANOUT_ROLLOVER | FANOUT_IGNORE_OUTGOING;

/**
 * Lets a socket that is bound to an interface share its packets.
 * @param group its number, or 'new' for one that nobody else on the machine has.
 * @returns the group's number; negative: errno says why not.
 */
export function joinFanout(fd: number, group: number | 'new'): number {
  const [id, mode] = group === 'new' ? [0, FANOUT_MODE | FANOUT_UNIQUE_ID] : [group, FANOUT_MODE];
  const asked = Uint32Array.of((mode << 16) | id);
  if (cSetsockopt(fd, SOL_PACKET, PACKET_FANOUT, asked, asked.byteLength) < 0) return -1;
  const joined = new Uint32Array(1);
  if (cGetsockopt(fd, SOL_PACKET, PACKET_FANOUT, joined, Uint32Array.of(joined.byteLength)) < 0) return -1;
  return joined[0] & 0xffff;
}
