import { expect, test } from 'vitest';
import { choosePromiscuous } from '../../src/config/promiscuous.ts';

const PRESENT = [
  { name: 'ens192', addresses: ['192.0.2.7/24'] },
  { name: 'ens224', addresses: [] },
  { name: 'ens256', addresses: [], master: 'bond0' },
  { name: 'bond0', addresses: [] },
];

test('interfaces: those named, else those without an address that are no part of a bond', () => {
  expect(choosePromiscuous([], PRESENT)).toEqual(['ens224', 'bond0']);
  expect(choosePromiscuous(['ens192', 'ens192'], PRESENT)).toEqual(['ens192']);
  expect(choosePromiscuous([], [])).toEqual([]);
});

test('the first of several is left to management while DHCP is still asking; a single one is listened on', () => {
  const waiting = [
    { name: 'eth0', addresses: [] },
    { name: 'eth1', addresses: [] },
  ];
  expect(choosePromiscuous([], waiting)).toEqual(['eth1']);
  expect(choosePromiscuous([], waiting.slice(1))).toEqual(['eth1']);
});
