// Sends frames as they are: `node send-frames.ts INTERFACE`, frames as hexadecimal lines on standard input.
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int, int, int)');
const sendto = libc.func('int sendto(int, const void *, size_t, int, const void *, uint32_t)');
const indexOf = libc.func('uint32_t if_nametoindex(const char *)');

const name = process.argv[2];
const fd = socket(17, 3, 0);
const address = Buffer.alloc(20);
address.writeUInt16LE(17, 0);
address.writeUInt32LE(indexOf(name), 4);
let text = '';
for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
for (const line of text.split('\n').filter(Boolean)) {
  const frame = Buffer.from(line, 'hex');
  if (sendto(fd, frame, frame.length, 0, address, address.length) !== frame.length) {
    throw new Error(`sendto on ${name}: errno ${koffi.errno()}`);
  }
}
