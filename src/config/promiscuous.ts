// Which interfaces a sensor listens on: the ones a person named, else every one without an address.

/**
 * @param configured `capture.interfaces`
 * @param present the machine's interfaces; one in a bond counts as its bond
 */
export function choosePromiscuous(
  configured: readonly string[],
  present: readonly { name: string; addresses: readonly string[]; master?: string }[],
): string[] {
  if (configured.length > 0) return [...new Set(configured)];
  return present
    .filter(({ addresses, master }) => addresses.length === 0 && master === undefined)
    .map(({ name }) => name);
}
