// Which interfaces a sensor listens on: the ones a person named, else every one that is not for management.

/** What capture makes of `capture.bond`. */
export const BOND = 'bond0';

export interface InterfaceFacts {
  name: string;
  addresses: readonly string[];
  /** the bond it belongs to */
  master?: string;
}

export interface Listening {
  /** `capture.interfaces`; empty: every one without an address that is no part of a bond */
  interfaces: readonly string[];
  /** `capture.bond`: members of BOND, which stands for them */
  bond: readonly string[];
}

/**
 * The interfaces that capture and engine open.
 * @param present the machine's interfaces in their natural order. While none has an address yet (DHCP is still asking)
 * the first of several counts as the management interface, as on the appliance.
 */
export function choosePromiscuous({ interfaces, bond }: Listening, present: readonly InterfaceFacts[]): string[] {
  const isOwn = (name: string) => bond.length > 0 && (name === BOND || bond.includes(name));
  const bonded = bond.length > 0 ? [BOND] : [];
  if (interfaces.length > 0) return [...bonded, ...new Set(interfaces.filter((name) => !isOwn(name)))];
  const free = present.filter(
    ({ name, addresses, master }) => addresses.length === 0 && master === undefined && !isOwn(name),
  );
  const waiting = free.length + bonded.length > 1 && present.every(({ addresses }) => addresses.length === 0);
  return [...bonded, ...(waiting ? free.slice(1) : free).map(({ name }) => name)];
}
