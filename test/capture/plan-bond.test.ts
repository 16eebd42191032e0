// What is to be done about bond0, played against a small model of the kernel until nothing is left to do.
import { expect, test } from 'vitest';
import { BOND_ALIAS, BOND_SETTINGS, type BondStep, planBond } from '../../src/capture/plan-bond.ts';
import type { Link } from '../../src/os/netlink/link-message.ts';

const card = (index: number, name: string, more: Partial<Link> = {}): Link => ({
  index,
  name,
  up: true,
  carrier: true,
  promiscuous: false,
  ...more,
});
const CARDS = [card(2, 'eth0'), card(3, 'eth1'), card(4, 'eth2')];
const emptyBond = card(9, 'bond0', { up: false, kind: 'bond', bond: BOND_SETTINGS });
const MANAGES = new Set(['eth0']);

function apply(links: Link[], step: BondStep): Link[] {
  const change = (index: number, to: Partial<Link>) =>
    links.map((link) => (link.index === index ? { ...link, ...to } : link));
  switch (step.do) {
    case 'create':
      return [...links, emptyBond];
    case 'remove':
      return links
        .filter(({ index }) => index !== step.index)
        .map((link) => (link.masterIndex === step.index ? { ...link, masterIndex: undefined } : link));
    case 'claim':
      return change(step.index, { alias: BOND_ALIAS });
    case 'release':
      return change(step.index, { masterIndex: undefined, up: false });
    case 'enslave':
      return change(step.index, { masterIndex: step.bondIndex, up: true });
    case 'raise':
      return change(step.index, { up: true, promiscuous: true });
  }
}

function settle(members: string[], links: Link[]) {
  const done: string[] = [];
  for (;;) {
    const { steps, troubles } = planBond(members, links, MANAGES);
    if (steps.length === 0) return { links, done, troubles };
    for (const step of steps) links = apply(links, step);
    done.push(...steps.map((step) => step.do));
    if (done.length > 20) throw new Error(`never settles: ${done.join(' ')}`);
  }
}

const membersOf = (links: Link[]) => links.filter(({ masterIndex }) => masterIndex === 9).map(({ name }) => name);

test('made, filled, changed and removed as the configuration says; nothing is done twice', () => {
  const made = settle(['eth1', 'eth2', 'eth1'], CARDS);
  expect(made.done).toEqual(['create', 'claim', 'enslave', 'enslave', 'raise']);
  expect(membersOf(made.links)).toEqual(['eth1', 'eth2']);
  const fewer = settle(['eth2'], made.links);
  expect(fewer.done).toEqual(['release']);
  expect(membersOf(fewer.links)).toEqual(['eth2']);
  const none = settle([], fewer.links);
  expect(none.done).toEqual(['remove']);
  expect(none.links.map(({ name }) => name)).toEqual(['eth0', 'eth1', 'eth2']);
  expect(settle([], none.links).done).toEqual([]);
});

test('a member that was put down, taken out or plugged in later is seen to', () => {
  const { links } = settle(['eth1', 'eth2'], CARDS);
  const down = links.map((link) => (link.name === 'eth1' ? { ...link, up: false } : link));
  expect(settle(['eth1', 'eth2'], down).done).toEqual(['raise']);
  const out = links.map((link) => (link.name === 'eth1' ? { ...link, masterIndex: undefined } : link));
  expect(settle(['eth1', 'eth2'], out).done).toEqual(['enslave']);
  const waiting = settle(['eth1', 'eth5'], CARDS);
  expect(waiting.troubles).toEqual(['eth5 of bond0 is not there']);
  expect(membersOf(waiting.links)).toEqual(['eth1']);
});

test('an interface with an address, and one of another bond, stay where they are', () => {
  const bridged = [...CARDS.slice(0, 2), card(4, 'eth2', { masterIndex: 7 }), card(7, 'br0', { kind: 'bridge' })];
  const { links, troubles } = settle(['eth0', 'eth1', 'eth2'], bridged);
  expect(membersOf(links)).toEqual(['eth1']);
  expect(troubles).toEqual([
    'eth0 has an address and is kept out of bond0',
    'eth2 belongs to br0 and is kept out of bond0',
  ]);
});

test("a bond0 that is somebody else's is left alone; the empty one of the kernel's module is taken", () => {
  const theirs = [...CARDS, emptyBond, card(5, 'eth3', { masterIndex: 9 })];
  expect(settle([], theirs).done).toEqual([]);
  expect(settle(['eth1'], theirs)).toMatchObject({
    done: [],
    troubles: ["bond0 is somebody else's: remove it, or empty capture.bond"],
  });
  expect(settle(['eth1'], [...CARDS, emptyBond]).done).toEqual(['claim', 'enslave', 'raise']);
  const otherMode = card(9, 'bond0', { kind: 'bond', bond: { mode: 1, miimonMs: 0 } });
  expect(settle(['eth1'], [...CARDS, otherMode]).done.slice(0, 2)).toEqual(['remove', 'create']);
});
