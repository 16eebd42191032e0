import { expect, test } from 'vitest';
import { RECON_HOSTS } from '../../src/detect/recon.ts';
import { seen, times } from './records.ts';
import { callOverSmb } from './windows-records.ts';

const ACCOUNTS = '12345778-1234-abcd-ef00-0123456789ac';
const SERVER = '4b324fc8-1670-01d3-1278-5a47bf6ee188';
const shares = (count: number) => times(count, (i) => callOverSmb(SERVER, 15, i, { dest_ip: `10.0.0.${100 + i}` }));

test('lists of users are told at once, shares once they are asked of many', () => {
  expect(seen('recon', [callOverSmb(ACCOUNTS, 13)])).toEqual(['10.0.0.5 prepare 0.5']);
  expect(seen('recon', shares(RECON_HOSTS)).at(-1)).toBe('10.0.0.5 prepare 0.7');
});

test('near misses: one machine fewer is weak, a name looked up is nothing', () => {
  expect(new Set(seen('recon', shares(RECON_HOSTS - 1)))).toEqual(new Set(['10.0.0.5 prepare 0.3']));
  expect(seen('recon', [callOverSmb(ACCOUNTS, 5), callOverSmb(ACCOUNTS, 17), callOverSmb(SERVER, 16)])).toEqual([]);
});
