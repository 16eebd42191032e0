import { expect, test } from 'vitest';
import { parseSocketDrops } from '../../src/os/socket-drops.ts';

// columns as in proc(5); the last is the number of datagrams that found the buffer full
const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  314: 00000000:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1101 2 0000000000000000 7
  315: 0100007F:0BBC 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1102 2 0000000000000000 5
  316: 00000000000000000000000000000000:0202 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1103 2 0000000000000000 2
`;

test('drops are summed over the sockets of the ports asked for', () => {
  expect(parseSocketDrops(TABLE, new Set([514]))).toBe(9);
  expect(parseSocketDrops(TABLE, new Set([514, 3004]))).toBe(14);
  expect(parseSocketDrops(TABLE, new Set([515]))).toBe(0);
  expect(parseSocketDrops('', new Set([514]))).toBe(0);
});
