import { expect, test } from 'vitest';
import { SourceTable } from '../../src/syslog-x/sources.ts';

test('rows count messages, bytes and the rate of the last interval; the busiest come first', () => {
  const table = new SourceTable();
  for (let i = 0; i < 10; i++) table.add('192.0.2.1', 100, 1000 + i);
  table.add('192.0.2.2', 50, 1000);
  table.turn(2);
  expect(table.top(1)).toEqual([
    {
      address: '192.0.2.1',
      receivedMessages: 10,
      receivedBytes: 1000,
      limitedMessages: 0,
      firstMs: 1000,
      lastMs: 1009,
      messagesPerSecond: 5,
    },
  ]);
  table.turn(1);
  expect(table.top(2).map((row) => row.messagesPerSecond)).toEqual([0, 0]);
});

test('forged addresses do not grow the table', () => {
  const table = new SourceTable();
  for (let i = 0; i < 5000; i++) table.add(`10.0.${i >> 8}.${i & 255}`, 1, i);
  expect(table.size).toBe(1024);
  expect(table.forgottenSources).toBe(5000 - 1024);
});

test('a source over its limit may send a burst, then as much as the limit, and the rest is counted', () => {
  const table = new SourceTable();
  table.setLimit(10);
  const send = (nowMs: number, count: number, address = '192.0.2.1') =>
    Array.from({ length: count }, () => table.add(address, 1, nowMs)).filter(Boolean).length;
  expect(send(0, 500)).toBe(100);
  expect(send(0, 50, '192.0.2.2')).toBe(50);
  expect(send(1000, 500)).toBe(10);
  // a clock that was set back gives nothing
  expect(send(0, 500)).toBe(0);
  expect(send(3_600_000, 500)).toBe(100);
  expect(table.limitedMessages).toBe(400 + 490 + 500 + 400);
  expect(table.top(1)[0]).toMatchObject({ address: '192.0.2.1', receivedMessages: 2000, limitedMessages: 1790 });
  table.setLimit(0);
  expect(send(3_600_001, 500)).toBe(500);
});
