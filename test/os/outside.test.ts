// The ways out, against servers on loopback: what comes back whole, and what is cut short.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { waysOutside } from '../../src/os/outside.ts';

const ways = waysOutside(() => '');
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(take: (socket: Socket, line: string) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {}); // who has heard enough hangs up
    socket.once('data', (bytes) => take(socket, bytes.toString()));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('one line asked, all that is said until the server hangs up', async () => {
  const port = await serve((socket, line) => socket.end(`you said ${JSON.stringify(line)}\n`));
  expect(await ways.askLine('127.0.0.1', port, '9.9.9.9', AbortSignal.timeout(5000))).toBe(
    'you said "9.9.9.9\\r\\n"\n',
  );
});

test('a server that never ends is cut off, by length and by time', async () => {
  const endless = await serve((socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write('x'.repeat(65_536)));
    };
    socket.on('drain', more);
    more();
  });
  await expect(ways.askLine('127.0.0.1', endless, 'x', AbortSignal.timeout(5000))).rejects.toThrow(
    'the answer is longer than 262144 bytes',
  );
  const held: Socket[] = [];
  const silent = await serve((socket) => held.push(socket));
  await expect(ways.askLine('127.0.0.1', silent, 'x', AbortSignal.timeout(50))).rejects.toThrow('no answer in time');
  for (const socket of held) socket.destroy();
});

test('nobody there, and what is not https, are said so', async () => {
  await expect(ways.askLine('127.0.0.1', 1, 'x', AbortSignal.timeout(5000))).rejects.toThrow(
    'cannot ask 127.0.0.1 on tcp 1',
  );
  const port = await serve((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'));
  await expect(ways.fetchText(`http://127.0.0.1:${port}/`, AbortSignal.timeout(5000))).rejects.toThrow('not encrypted');
});
