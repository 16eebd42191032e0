import { expect, test } from 'vitest';
import { CHAIN_WINDOW_US } from '../../src/detect/rdp-chain.ts';
import { recordOf, seen } from './records.ts';

const enter = (src_ip: string, dest_ip: string, seconds: number) =>
  recordOf('rdp', { event_type: 'initial_request' }, seconds, { src_ip, dest_ip, dest_port: 3389 });

test('from one through another to a third', () => {
  const chain = [enter('10.0.0.1', '10.0.0.2', 0), enter('10.0.0.2', '10.0.0.3', 60)];
  expect(seen('rdp-chain', chain)).toEqual(['10.0.0.2 spread 0.6', '10.0.0.3 exploit 0.6']);
});

test('an answer names the ends the other way round', () => {
  const turned = { ...enter('10.0.0.2', '10.0.0.1', 0), src_port: 3389, dest_port: 40_000 };
  expect(seen('rdp-chain', [turned, enter('10.0.0.2', '10.0.0.3', 60)])).toHaveLength(2);
});

test('near misses: one desktop, two from one machine, back again, too late', () => {
  expect(seen('rdp-chain', [enter('10.0.0.1', '10.0.0.2', 0)])).toEqual([]);
  expect(seen('rdp-chain', [enter('10.0.0.1', '10.0.0.2', 0), enter('10.0.0.1', '10.0.0.3', 60)])).toEqual([]);
  expect(seen('rdp-chain', [enter('10.0.0.1', '10.0.0.2', 0), enter('10.0.0.2', '10.0.0.1', 60)])).toEqual([]);
  const late = CHAIN_WINDOW_US / 1e6 + 1;
  expect(seen('rdp-chain', [enter('10.0.0.1', '10.0.0.2', 0), enter('10.0.0.2', '10.0.0.3', late)])).toEqual([]);
});
