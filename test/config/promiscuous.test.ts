import { expect, test } from 'vitest';
import { choosePromiscuous } from '../../src/config/promiscuous.ts';

const listening = (interfaces: string[] = [], bond: string[] = []) => ({ interfaces, bond });

const PRESENT = [
  { name: 'ens192', addresses: ['192.0.2.7/24'] },
  { name: 'ens224', addresses: [] },
  { name: 'ens256', addresses: [], master: 'bond0' },
  { name: 'bond0', addresses: [] },
];

test('interfaces: those named, else those without an address that are no part of a bond', () => {
  expect(choosePromiscuous(listening(), PRESENT)).toEqual(['ens224', 'bond0']);
  expect(choosePromiscuous(listening(['ens192', 'ens192']), PRESENT)).toEqual(['ens192']);
  expect(choosePromiscuous(listening(), [])).toEqual([]);
});

test('the first of several is left to management while DHCP is still asking; a single one is listened on', () => {
  const waiting = [
    { name: 'eth0', addresses: [] },
    { name: 'eth1', addresses: [] },
  ];
  expect(choosePromiscuous(listening(), waiting)).toEqual(['eth1']);
  expect(choosePromiscuous(listening(), waiting.slice(1))).toEqual(['eth1']);
});

test('a bond stands for its members, before it is there and after; none of them is taken for management', () => {
  const bond = ['eth2', 'eth3'];
  const cards = ['eth0', 'eth1', 'eth2', 'eth3'].map((name) => ({ name, addresses: [] as string[] }));
  const managed = cards.map((card) => (card.name === 'eth0' ? { ...card, addresses: ['192.0.2.7/24'] } : card));
  expect(choosePromiscuous(listening([], bond), managed)).toEqual(['bond0', 'eth1']);
  expect(choosePromiscuous(listening([], bond), cards)).toEqual(['bond0', 'eth1']);
  const made = [
    { name: 'bond0', addresses: [] },
    ...managed.map((card) => (bond.includes(card.name) ? { ...card, master: 'bond0' } : card)),
  ];
  expect(choosePromiscuous(listening([], bond), made)).toEqual(['bond0', 'eth1']);
  expect(choosePromiscuous(listening(['eth2', 'bond0', 'eth1'], bond), made)).toEqual(['bond0', 'eth1']);
  const onlyBonded = cards.filter(({ name }) => name !== 'eth1');
  expect(choosePromiscuous(listening([], bond), onlyBonded)).toEqual(['bond0']);
});
