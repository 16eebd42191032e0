import { expect, test } from 'vitest';
import { LEAST_BYTES } from '../../src/detect/odd-protocol.ts';
import { flowAt, seen } from './records.ts';

const OUT = '198.51.100.9';
const talk = (port: number, app_proto: string | undefined, flow: object = {}, dest = OUT, syn = true) =>
  flowAt(0, dest, port, flow, { app_proto, tcp: { syn } });

test('a port that is open everywhere, spoken to in another tongue', () => {
  expect(seen('odd-protocol', [talk(443, 'ssh')])).toEqual(['10.0.0.5 c2 0.4']);
  expect(seen('odd-protocol', [talk(80, 'failed')])).toHaveLength(1);
  expect(seen('odd-protocol', [talk(53, 'http')])).toHaveLength(1);
});

test('near misses: as expected, nothing known of it, another port, its beginning not seen, hardly a word, inside', () => {
  expect(seen('odd-protocol', [talk(443, 'tls'), talk(80, 'http'), talk(53, 'dns')])).toEqual([]);
  expect(seen('odd-protocol', [talk(443, undefined), talk(2222, 'ssh')])).toEqual([]);
  expect(seen('odd-protocol', [talk(443, 'failed', {}, OUT, false)])).toEqual([]);
  expect(seen('odd-protocol', [talk(443, 'failed', { bytes_toclient: LEAST_BYTES - 1 })])).toEqual([]);
  expect(seen('odd-protocol', [talk(443, 'ssh', {}, '10.0.0.9')])).toEqual([]);
});
