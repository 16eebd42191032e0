import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { Listeners } from '../../src/syslog-x/listeners.ts';

test('a port that is taken is said once, the others receive, and it is had when it is free', async () => {
  const other = createServer().listen(0, '::');
  await once(other, 'listening');
  const taken = (other.address() as { port: number }).port;
  const warnings: string[] = [];
  const got = Promise.withResolvers<string>();
  const listeners = new Listeners(
    new Map(),
    (bytes, sender, transport) => got.resolve(`${transport} ${sender} ${bytes}`),
    (text) => warnings.push(text),
  );
  const ports = [
    { transport: 'tcp' as const, port: taken },
    { transport: 'udp' as const, port: 0 },
  ];
  await listeners.follow(ports);
  await listeners.openMissing();
  expect(listeners.names).toEqual(['udp-0']);
  expect(listeners.problems).toEqual(warnings);
  expect(warnings).toEqual([expect.stringMatching(new RegExp(`cannot receive on tcp port ${taken}: .*EADDRINUSE`))]);

  other.close();
  await once(other, 'close');
  await listeners.openMissing();
  expect(listeners.problems).toEqual([]);
  const socket = connect(taken, '127.0.0.1');
  socket.end('<13>hello\n');
  expect(await got.promise).toBe('tcp 127.0.0.1 <13>hello');

  // turned off: still open, no longer listened to
  await listeners.follow([]);
  expect([listeners.names, listeners.isOff, listeners.ports.length]).toEqual([[], true, 2]);
  await listeners.drain(1000);
});
