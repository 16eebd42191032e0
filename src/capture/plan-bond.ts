// What to do next so that bond0 is what `capture.bond` says. Pure; see keep-bond.ts for the doing.
// Documentation/networking/bonding.rst
import { BOND } from '../config/promiscuous.ts';
import type { BondSettings, Link } from '../os/netlink/link-message.ts';

/** How a bond that we made is known again, also by the next process: ours alone may be changed or removed. */
export const BOND_ALIAS = 'made by mss-capture';
/** balance-rr: takes what arrives on any member; the carrier of each is looked at ten times a second. */
export const BOND_SETTINGS: BondSettings = { mode: 0, miimonMs: 100 };

export type BondStep =
  | { do: 'create' }
  | { do: 'remove'; index: number }
  /** marks it as ours */
  | { do: 'claim'; index: number }
  | { do: 'release'; index: number; name: string }
  | { do: 'enslave'; index: number; name: string; bondIndex: number }
  /** brings it up to listen and nothing else */
  | { do: 'raise'; index: number; name: string };

export interface BondPlan {
  /** what can be done now; when done, ask again. Empty: it is as it should be */
  steps: BondStep[];
  /** what keeps it from being whole, for a person */
  troubles: string[];
}

/**
 * @param members `capture.bond`; none: no bond of ours is left
 * @param links as the kernel lists them
 * @param addressed names of those that have an address: they manage the sensor and are never taken
 */
export function planBond(members: readonly string[], links: readonly Link[], addressed: ReadonlySet<string>): BondPlan {
  const bond = links.find(({ name }) => name === BOND);
  const ours = bond?.alias === BOND_ALIAS;
  if (members.length === 0) return { steps: bond && ours ? [{ do: 'remove', index: bond.index }] : [], troubles: [] };
  if (bond === undefined) return { steps: [{ do: 'create' }], troubles: [] };
  const slaves = links.filter(({ masterIndex }) => masterIndex === bond.index);
  // the kernel's module makes an empty one when it is loaded
  if (!ours && (bond.kind !== 'bond' || slaves.length > 0 || addressed.has(BOND))) {
    return { steps: [], troubles: [`${BOND} is somebody else's: remove it, or empty capture.bond`] };
  }
  if (bond.bond?.mode !== BOND_SETTINGS.mode || bond.bond.miimonMs !== BOND_SETTINGS.miimonMs) {
    return { steps: [{ do: 'remove', index: bond.index }], troubles: [] };
  }
  const plan: BondPlan = { steps: ours ? [] : [{ do: 'claim', index: bond.index }], troubles: [] };
  for (const { name, index } of slaves) if (!members.includes(name)) plan.steps.push({ do: 'release', index, name });
  for (const name of new Set(members)) planMember(name, bond, links, addressed, plan);
  if (!bond.up || !bond.promiscuous) plan.steps.push({ do: 'raise', index: bond.index, name: BOND });
  return plan;
}

function planMember(
  name: string,
  bond: Link,
  links: readonly Link[],
  addressed: ReadonlySet<string>,
  { steps, troubles }: BondPlan,
): void {
  const link = links.find((one) => one.name === name);
  if (link === undefined) troubles.push(`${name} of ${BOND} is not there`);
  else if (link.masterIndex === bond.index) {
    if (!link.up) steps.push({ do: 'raise', index: link.index, name });
  } else if (addressed.has(name)) troubles.push(`${name} has an address and is kept out of ${BOND}`);
  else if (link.masterIndex !== undefined) {
    const master = links.find(({ index }) => index === link.masterIndex)?.name ?? 'another';
    troubles.push(`${name} belongs to ${master} and is kept out of ${BOND}`);
  } else steps.push({ do: 'enslave', index: link.index, name, bondIndex: bond.index });
}
