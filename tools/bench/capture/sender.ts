// Sends made-up traffic from memory as fast as asked: `node sender.ts INTERFACE MIX`, then a line `PACKETS PPS` on
// standard input for each burst (PPS 0: as fast as it goes), answered by a line of JSON. Needs CAP_NET_RAW.
import { createInterface } from 'node:readline';
import koffi from 'koffi';
import { MssError } from '../../../src/errors.ts';
import { changeAddresses, type Mix, makeTraffic } from './traffic.ts';

const libc = koffi.load('libc.so.6');
const cSocket = libc.func('int socket(int, int, int)');
const cBind = libc.func('int bind(int, const void *, uint32_t)');
const cSetsockopt = libc.func('int setsockopt(int, int, int, const void *, uint32_t)');
const cIndexOf = libc.func('uint32_t if_nametoindex(const char *)');
const cSendmmsg = libc.func('int sendmmsg(int, uintptr_t, uint32_t, int)');

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOL_PACKET = 263;
const PACKET_QDISC_BYPASS = 20;
const EAGAIN = 11;
const ENOBUFS = 105;
/** Packets a system call. */
const BATCH = 64;
/** struct mmsghdr and struct iovec on 64-bit machines */
const MESSAGE_BYTES = 64;
const VECTOR_BYTES = 16;

export interface Burst {
  packets: number;
  bytes: number;
  seconds: number;
}

const [name, mix] = process.argv.slice(2);
const traffic = makeTraffic(mix as Mix);
const frames = traffic.offsets.length;
const fd = openSocket(name);
const messages = makeMessages();
const messagesAt = koffi.address(messages);
let next = 0;
let turn = 0;

for await (const line of createInterface({ input: process.stdin })) {
  const [packets, pps] = line.split(' ').map(Number);
  process.stdout.write(`${JSON.stringify(sendBurst(packets, pps))}\n`);
}

function sendBurst(packets: number, pps: number): Burst {
  const startMs = performance.now();
  const sum: Burst = { packets: 0, bytes: 0, seconds: 0 };
  while (sum.packets < packets) {
    const count = Math.min(BATCH, frames - next, packets - sum.packets);
    sendBatch(next, count);
    for (let i = next; i < next + count; i++) sum.bytes += traffic.lengths[i];
    sum.packets += count;
    next += count;
    if (next === frames) {
      next = 0;
      turn++;
      for (let i = 0; i < frames; i++) changeAddresses(traffic, i, turn);
    }
    // what is ahead of its time waits; what is late catches up
    while (pps > 0 && (performance.now() - startMs) * pps < sum.packets * 1000);
  }
  sum.seconds = (performance.now() - startMs) / 1000;
  return sum;
}

function sendBatch(from: number, count: number): void {
  for (let done = 0; done < count; ) {
    const sent = cSendmmsg(fd, messagesAt + BigInt((from + done) * MESSAGE_BYTES), count - done, 0);
    if (sent > 0) done += sent;
    else if (koffi.errno() !== EAGAIN && koffi.errno() !== ENOBUFS) {
      throw new MssError('io', `sendmmsg on ${name}: error ${koffi.errno()}`);
    }
  }
}

function openSocket(interfaceName: string): number {
  const socket = cSocket(AF_PACKET, SOCK_RAW, 0);
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt32LE(cIndexOf(interfaceName), 4);
  cSetsockopt(socket, SOL_PACKET, PACKET_QDISC_BYPASS, Buffer.from(Uint32Array.of(1).buffer), 4);
  if (socket < 0 || cBind(socket, address, address.length) < 0) {
    throw new MssError('io', `cannot send on ${interfaceName}: error ${koffi.errno()}`);
  }
  return socket;
}

/** One struct mmsghdr a frame, with its one struct iovec behind all of them. */
function makeMessages(): Buffer {
  const buffer = Buffer.alloc(frames * (MESSAGE_BYTES + VECTOR_BYTES));
  const vectors = koffi.address(buffer) + BigInt(frames * MESSAGE_BYTES);
  const bytesAt = koffi.address(traffic.bytes);
  for (let i = 0; i < frames; i++) {
    const vector = frames * MESSAGE_BYTES + i * VECTOR_BYTES;
    buffer.writeBigUInt64LE(vectors + BigInt(i * VECTOR_BYTES), i * MESSAGE_BYTES + 16);
    buffer.writeBigUInt64LE(1n, i * MESSAGE_BYTES + 24);
    buffer.writeBigUInt64LE(bytesAt + BigInt(traffic.offsets[i]), vector);
    buffer.writeBigUInt64LE(BigInt(traffic.lengths[i]), vector + 8);
  }
  return buffer;
}
