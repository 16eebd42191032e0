import { expect, test } from 'vitest';
import { MUCH_BYTES, ONE_SIDED, VERY_MUCH_BYTES, VOLUME_WINDOW_US } from '../../src/detect/exfiltration.ts';
import { flowAt, seen, times } from './records.ts';

const OUT = '198.51.100.9';
const send = (parts: number, bytes: number, more: { step?: number; received?: number; dest?: string } = {}) =>
  times(parts, (i) => {
    const flow = { bytes_toserver: bytes / parts, bytes_toclient: more.received ?? 1000 };
    return flowAt(i * (more.step ?? 60), more.dest ?? OUT, 443, flow);
  });

test('much that leaves, in one piece or many, and once more when it gets very much', () => {
  expect(seen('exfiltration', send(1, MUCH_BYTES))).toEqual(['10.0.0.5 c2 0.4']);
  expect(seen('exfiltration', send(20, MUCH_BYTES))).toEqual(['10.0.0.5 c2 0.4']);
  expect(seen('exfiltration', send(20, VERY_MUCH_BYTES))).toEqual(['10.0.0.5 c2 0.4', '10.0.0.5 c2 0.6']);
});

test('near misses: a little less, too slowly, as much back, a server that others use, inside', () => {
  expect(seen('exfiltration', send(20, MUCH_BYTES * 0.99))).toEqual([]);
  expect(seen('exfiltration', send(20, MUCH_BYTES, { step: VOLUME_WINDOW_US / 1e6 / 4 }))).toEqual([]);
  expect(seen('exfiltration', send(1, MUCH_BYTES, { received: MUCH_BYTES / (ONE_SIDED - 1) }))).toEqual([]);
  const other = flowAt(0, OUT, 443, {}, { src_ip: '10.0.1.1' });
  expect(seen('exfiltration', [other, ...send(20, MUCH_BYTES)])).toEqual([]);
  expect(seen('exfiltration', send(20, MUCH_BYTES, { dest: '10.0.0.9' }))).toEqual([]);
});
