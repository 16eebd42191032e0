// Which interfaces a sensor listens on: the ones a person named, else every one that is not for management.

export interface InterfaceFacts {
  name: string;
  addresses: readonly string[];
  /** the bond it belongs to */
  master?: string;
}

/**
 * The interfaces that capture and engine open.
 * @param configured `capture.interfaces`; empty: every one without an address that is no part of a bond
 * @param present the machine's interfaces in their natural order. While none has an address yet (DHCP is still asking)
 * the first of several counts as the management interface, as on the appliance.
 */
export function choosePromiscuous(configured: readonly string[], present: readonly InterfaceFacts[]): string[] {
  if (configured.length > 0) return [...new Set(configured)];
  const free = present.filter(({ addresses, master }) => addresses.length === 0 && master === undefined);
  const waiting = free.length > 1 && present.every(({ addresses }) => addresses.length === 0);
  return (waiting ? free.slice(1) : free).map(({ name }) => name);
}
