// One end of a conversation, for softips.test.ts: `node peer.ts tcp-server|tcp-client|udp-server|udp-client SERVER`.
// Says in lines how it fares: listening, answered (again and again), reset, refused.
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

const [kind, host] = process.argv.slice(2);
const PORT = 4000;
const say = (line: string) => process.stdout.write(`${line}\n`);
const ended = (error: NodeJS.ErrnoException) =>
  say(error.code === 'ECONNRESET' ? 'reset' : error.code === 'ECONNREFUSED' ? 'refused' : String(error.code));

switch (kind) {
  case 'tcp-server':
    createServer((socket) => socket.on('error', ended).on('data', (data) => socket.write(data))).listen(
      PORT,
      host,
      () => say('listening'),
    );
    break;
  case 'tcp-client': {
    const socket = connect(PORT, host, () => socket.write('x'));
    socket.on('error', ended).on('data', () => {
      say('answered');
      setTimeout(() => socket.write('x'), 20);
    });
    break;
  }
  case 'udp-server': {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (data, from) => socket.send(data, from.port, from.address)).on('error', ended);
    socket.bind(PORT, host, () => say('listening'));
    break;
  }
  case 'udp-client': {
    // a connected socket: only such a one hears ICMP errors
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.on('error', ended).on('message', () => say('answered'));
    socket.connect(PORT, host, () => setInterval(() => socket.send('x'), 20));
    break;
  }
  default:
    throw new Error(`no such peer: ${kind}`);
}
