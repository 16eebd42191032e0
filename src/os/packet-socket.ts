// AF_PACKET sockets with a TPACKET_V3 receive ring: the kernel writes packets into blocks of memory that we share.
// packet(7); Documentation/networking/packet_mmap.rst; include/uapi/linux/if_packet.h. All calls go through libc.
import koffi from 'koffi';
import { MssError } from '../errors.ts';
import { joinFanout } from './packet-fanout.ts';

const libc = koffi.load('libc.so.6');
const cSocket = libc.func('int socket(int, int, int)');
const cBind = libc.func('int bind(int, const void *, uint32_t)');
const cClose = libc.func('int close(int)');
const cSetsockopt = libc.func('int setsockopt(int, int, int, const void *, uint32_t)');
const cGetsockopt = libc.func('int getsockopt(int, int, int, void *, void *)');
const cMmap = libc.func('void *mmap(uintptr_t, size_t, int, int, int, int64_t)');
const cMunmap = libc.func('int munmap(void *, size_t)');
const cPoll = libc.func('int poll(void *, uint64_t, int)');
const cIndexOf = libc.func('uint32_t if_nametoindex(const char *)');
const cIoctl = libc.func('int ioctl(int, unsigned long, void *)');
const ifreq = koffi.struct({ name: koffi.array('uint8_t', 16), data: 'void *', rest: koffi.array('uint8_t', 16) });
const cIoctlIfreq = libc.func('ioctl', 'int', ['int', 'unsigned long', koffi.inout(koffi.pointer(ifreq))]);

const sockFprog = koffi.struct({ length: 'uint16_t', instructions: 'void *' });
const cSetsockoptFilter = libc.func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(sockFprog), 'uint32_t']);

const AF_PACKET = 17;
const SOCK_RAW = 3;
const ETH_P_ALL = 3;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const SO_ATTACH_FILTER = 26;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const PACKET_RESERVE = 12;
const PACKET_IGNORE_OUTGOING = 23;
const PACKET_MR_PROMISC = 1;
const TPACKET_V3 = 2;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const MAP_LOCKED = 0x2000;
const POLLIN = 1;
const POLLERR = 8;
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const SIOCETHTOOL = 0x8946;
const IFF_UP = 1;
// each sets one thing to 0; include/uapi/linux/ethtool.h
const ETHTOOL_OFFLOADS = { 'generic receive offload': 0x2c, 'large receive offload': 0x26 } as const;

export interface RingOptions {
  interface: string;
  /** a power of two of at least a page */
  blockBytes: number;
  blocks: number;
  /** a block with packets in it is handed over after this time even if there is room left */
  retireMs: number;
  /** longer packets are cut to this */
  snaplenBytes: number;
  /** shares the interface's packets, flow by flow, with the other rings of the group; 'new' begins a group */
  fanoutGroup?: number | 'new';
}

export interface PacketRing {
  readonly fd: number;
  readonly interfaceIndex: number;
  readonly fanoutGroup: number | undefined;
  readonly blockBytes: number;
  readonly blocks: number;
  /** the ring itself, shared with the kernel; not to be touched after close() */
  readonly buffer: ArrayBuffer;
  /** packets lost because the ring was full, since the last call */
  takeDrops(): number;
  close(): void;
}

/**
 * Opens a promiscuous ring on an interface, which is brought up if it is down. Needs CAP_NET_RAW and CAP_NET_ADMIN.
 * What we send ourselves is left out. Promiscuous mode ends with the process, however it ends.
 * A ring that joins a group takes nothing before it belongs to it: each packet is in one ring of the group only.
 * @throws MssError `capture` naming the interface and the call that failed.
 */
export function openPacketRing(options: RingOptions): PacketRing {
  const { interface: name, blockBytes, blocks } = options;
  const fail = (what: string) => {
    const errno = koffi.errno();
    const hint = errno === 1 || errno === 13 ? '; CAP_NET_RAW and CAP_NET_ADMIN are needed' : '';
    return new MssError('capture', `interface ${name}: ${what} failed with error ${errno}${hint}`);
  };
  const interfaceIndex = cIndexOf(name);
  if (interfaceIndex === 0) throw new MssError('capture', `interface ${name} does not exist`);
  // protocol 0: nothing arrives before the ring stands and the socket is bound
  const fd = cSocket(AF_PACKET, SOCK_RAW, 0);
  if (fd < 0) throw fail('socket');
  const set = (level: number, option: number, value: Uint8Array, what: string) => {
    if (cSetsockopt(fd, level, option, value, value.byteLength) < 0) throw fail(what);
  };
  try {
    set(SOL_PACKET, PACKET_VERSION, words(TPACKET_V3), 'TPACKET_V3');
    // two bytes before each frame put its network header on a multiple of four
    set(SOL_PACKET, PACKET_RESERVE, words(2), 'PACKET_RESERVE');
    set(SOL_PACKET, PACKET_IGNORE_OUTGOING, words(1), 'PACKET_IGNORE_OUTGOING');
    if (takeUpTo(fd, options.fanoutGroup === undefined ? options.snaplenBytes : 0) < 0) throw fail('setting a filter');
    const frameBytes = 2048; // only its product with the number counts in version 3
    const ring = words(blockBytes, blocks, frameBytes, (blockBytes / frameBytes) * blocks, options.retireMs, 0, 0);
    set(SOL_PACKET, PACKET_RX_RING, ring, `a ring of ${blocks} blocks of ${blockBytes} bytes`);
    set(SOL_PACKET, PACKET_ADD_MEMBERSHIP, words(interfaceIndex, PACKET_MR_PROMISC, 0, 0), 'promiscuous mode');
    bringUp(fd, name, fail);
    const bytes = blockBytes * blocks;
    const memory = cMmap(0, bytes, PROT_READ_WRITE, MAP_SHARED | MAP_LOCKED, fd, 0);
    if (isMapFailed(memory)) throw fail('mmap of the ring');
    if (cBind(fd, bindAddress(interfaceIndex), 20) < 0) throw fail('bind');
    const fanoutGroup = options.fanoutGroup === undefined ? undefined : joinFanout(fd, options.fanoutGroup);
    if (fanoutGroup !== undefined && fanoutGroup < 0) throw fail('sharing it between rings (PACKET_FANOUT)');
    if (takeUpTo(fd, options.snaplenBytes) < 0) throw fail('setting the snap length');
    const buffer = koffi.view(memory, bytes);
    return {
      fd,
      interfaceIndex,
      fanoutGroup,
      blockBytes,
      blocks,
      buffer,
      takeDrops: () => takeDrops(fd),
      close: () => {
        cMunmap(memory, bytes);
        cClose(fd);
      },
    };
  } catch (error) {
    cClose(fd);
    throw error;
  }
}

/** Waits until a block of any ring may be ready, at most `timeoutMs`. Blocks the thread. */
export function waitForRings(rings: readonly PacketRing[], timeoutMs: number): void {
  const polled = new Uint8Array(Math.max(1, rings.length) * 8);
  const view = new DataView(polled.buffer);
  for (const [i, ring] of rings.entries()) {
    view.setInt32(i * 8, ring.fd, true);
    view.setInt16(i * 8 + 4, POLLIN | POLLERR, true);
  }
  cPoll(polled, rings.length, timeoutMs);
  for (const [i, ring] of rings.entries()) {
    // an interface that went down leaves an error, and poll() would return at once until it is read
    if ((view.getInt16(i * 8 + 6, true) & POLLERR) !== 0)
      cGetsockopt(ring.fd, SOL_SOCKET, SO_ERROR, words(0), words(4));
  }
}

/** Memory that begins on a page, as O_DIRECT wants it. Never freed: ask once. */
export function pageAlignedBuffer(bytes: number): ArrayBuffer {
  const memory = cMmap(0, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
  if (isMapFailed(memory)) throw new MssError('capture', `no memory for a buffer of ${bytes} bytes`);
  return koffi.view(memory, bytes);
}

/**
 * Turns off what glues several packets into one before we see them. Returns what could not be turned off: a driver
 * that lacks a feature refuses, and is then right as it is.
 */
export function disableReceiveOffloads(name: string): string[] {
  const fd = cSocket(AF_PACKET, SOCK_RAW, 0);
  if (fd < 0) return Object.keys(ETHTOOL_OFFLOADS);
  const refused: string[] = [];
  for (const [offload, command] of Object.entries(ETHTOOL_OFFLOADS)) {
    const request = { name: nameBytes(name), data: words(command, 0), rest: new Uint8Array(16) };
    if (cIoctlIfreq(fd, SIOCETHTOOL, request) < 0) refused.push(offload);
  }
  cClose(fd);
  return refused;
}

/** A classic BPF program of one instruction: take every packet, up to so many bytes; 0: take none. */
function takeUpTo(fd: number, snaplenBytes: number): number {
  const BPF_RETURN_CONSTANT = 6;
  const program = { length: 1, instructions: words(BPF_RETURN_CONSTANT, snaplenBytes) };
  return cSetsockoptFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, koffi.sizeof(sockFprog));
}

function bringUp(fd: number, name: string, fail: (what: string) => MssError): void {
  const request = new Uint8Array(40);
  request.set(nameBytes(name));
  if (cIoctl(fd, SIOCGIFFLAGS, request) < 0) throw fail('reading its flags');
  if ((request[16] & IFF_UP) !== 0) return;
  request[16] |= IFF_UP;
  if (cIoctl(fd, SIOCSIFFLAGS, request) < 0) throw fail('bringing it up');
}

function takeDrops(fd: number): number {
  const statistics = new Uint8Array(12);
  if (cGetsockopt(fd, SOL_PACKET, PACKET_STATISTICS, statistics, words(12)) < 0) return 0;
  return new DataView(statistics.buffer).getUint32(4, true);
}

/** struct sockaddr_ll, for all protocols on one interface */
function bindAddress(interfaceIndex: number): Uint8Array {
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETH_P_ALL, false);
  view.setInt32(4, interfaceIndex, true);
  return address;
}

function nameBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(Buffer.from(name).subarray(0, 15));
  return bytes;
}

function isMapFailed(memory: unknown): boolean {
  return koffi.address(memory) === 0xffffffffffffffffn;
}

function words(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}
