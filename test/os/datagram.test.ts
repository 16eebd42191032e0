import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { findGateway, sendDatagram } from '../../src/os/datagram.ts';

test('a datagram arrives from where it is said to have left', async () => {
  const receiver = createSocket('udp4').bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const got = once(receiver, 'message');
  const from = await sendDatagram('marker', '127.0.0.1', receiver.address().port);
  const [message, sender] = (await got) as [Buffer, { port: number }];
  receiver.close();
  expect(String(message)).toBe('marker');
  expect(sender.port).toBe(from.port);
});

test('the gateway out of the kernel table, and none without one', () => {
  const head = 'Iface\tDestination\tGateway\tFlags\n';
  expect(findGateway(`${head}eth0\t000200C0\t00000000\t0001\neth0\t00000000\t010200C0\t0003\n`)).toBe('192.0.2.1');
  expect(findGateway(head)).toBeUndefined();
});
