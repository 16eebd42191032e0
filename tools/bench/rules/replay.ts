// Sends frames over and over at a steady rate: `node replay.ts INTERFACE PPS`, frames as hexadecimal lines on standard
// input, then an empty line. When standard input ends it finishes its round, and says how many rounds it sent.
import { createInterface } from 'node:readline';
import koffi from 'koffi';
import { MssError } from '../../../src/errors.ts';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const libc = koffi.load('libc.so.6');
const cSocket = libc.func('int socket(int, int, int)');
const cSendto = libc.func('int sendto(int, const void *, size_t, int, const void *, uint32_t)');
const cIndexOf = libc.func('uint32_t if_nametoindex(const char *)');

const [name, pps] = process.argv.slice(2);
const fd = cSocket(AF_PACKET, SOCK_RAW, 0);
const address = Buffer.alloc(20);
address.writeUInt16LE(AF_PACKET, 0);
address.writeUInt32LE(cIndexOf(name), 4);
const frames: Buffer[] = [];
let startMs = 0;
let sent = 0;
let ending = false;

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== '') frames.push(Buffer.from(line, 'hex'));
  else {
    startMs = performance.now();
    setImmediate(sendDue);
  }
}
ending = true;

function sendDue(): void {
  const due = ((performance.now() - startMs) * Number(pps)) / 1000;
  for (; sent < due; sent++) {
    if (ending && sent % frames.length === 0) {
      process.stdout.write(`${sent / frames.length}\n`);
      return;
    }
    const frame = frames[sent % frames.length];
    if (cSendto(fd, frame, frame.length, 0, address, address.length) !== frame.length) {
      throw new MssError('io', `sendto on ${name}: error ${koffi.errno()}`);
    }
  }
  setTimeout(sendDue, 5);
}
