// Makes, keeps and removes bond0 over netlink, as plan-bond.ts says. Needs CAP_NET_ADMIN; the kernel loads its module
// by itself when a bond is asked for.
import { networkInterfaces } from 'node:os';
import { BOND } from '../config/promiscuous.ts';
import { IFF, type LinkChange } from '../os/netlink/link-message.ts';
import { type RouteSocket, withRouteSocket } from '../os/netlink/route-socket.ts';
import { disableReceiveOffloads } from '../os/packet-socket.ts';
import { readNicCounters } from './nic-counters.ts';
import { BOND_ALIAS, BOND_SETTINGS, type BondStep, planBond } from './plan-bond.ts';

/** Remove, create, claim and fill: a further round means that somebody works against us. */
const MOST_ROUNDS = 5;
/** A member must be down to be taken, and a network manager may bring it up again in between. */
const ENSLAVE_TRIES = 5;
const LISTENS: LinkChange = {
  flags: IFF.up | IFF.promiscuous | IFF.noArp,
  flagsMask: IFF.up | IFF.promiscuous | IFF.noArp | IFF.multicast,
};

/**
 * Brings bond0 to what `capture.bond` says.
 * @returns what keeps it from being whole, for a person; none where all is well
 * @throws MssError `network` with the step that the kernel refused
 */
export async function keepBond(members: readonly string[]): Promise<string[]> {
  // asking the kernel takes a tenth of a second, which a sensor without a bond need not wait for
  if (members.length === 0 && readNicCounters(BOND) === undefined) return [];
  return await withRouteSocket(async (route) => {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const { steps, troubles } = planBond(members, await route.listLinks(), readAddressed());
      if (steps.length === 0) return troubles;
      for (const step of steps) await take(route, step);
    }
    return [`${BOND} does not stay as it was made: does another program manage it?`];
  });
}

async function take(route: RouteSocket, step: BondStep): Promise<void> {
  switch (step.do) {
    case 'create':
      await route.createLink(`make ${BOND} (is the kernel module "bonding" there?)`, {
        name: BOND,
        bond: BOND_SETTINGS,
      });
      return;
    case 'claim':
      await route.changeLink(`mark ${BOND}`, { index: step.index, alias: BOND_ALIAS });
      return;
    case 'remove':
      await route.removeLink(`remove ${BOND}`, step.index);
      return;
    case 'release':
      await route.changeLink(`release ${step.name} from ${BOND}`, { index: step.index, masterIndex: 0 });
      return;
    case 'enslave':
      disableReceiveOffloads(step.name); // those of the bond itself do not reach down to its members
      await enslave(route, step.name, step.index, step.bondIndex);
      return;
    case 'raise':
      // a kernel without IPv6 refuses, and needs none of it
      await route.changeLink('stop IPv6', { index: step.index, noIpv6Addresses: true }).catch(() => {});
      await route.changeLink(`bring ${step.name} up`, { index: step.index, ...LISTENS });
  }
}

/** The kernel brings a member up as soon as it is one. */
async function enslave(route: RouteSocket, name: string, index: number, bondIndex: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    await route.changeLink(`take ${name} down`, { index, flags: 0, flagsMask: IFF.up });
    try {
      await route.changeLink(`put ${name} into ${BOND}`, { index, masterIndex: bondIndex });
      return;
    } catch (error) {
      if (tries === ENSLAVE_TRIES) throw error;
    }
  }
}

/** Link-local addresses count for none: an interface gives itself one. */
function readAddressed(): Set<string> {
  const all = Object.entries(networkInterfaces());
  const counts = ({ address }: { address: string }) => !address.startsWith('fe80:');
  return new Set(all.flatMap(([name, addresses]) => (addresses?.some(counts) ? name : [])));
}
