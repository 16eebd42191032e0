// The databases of countries and autonomous systems: .mmdb files, read whole at the first question.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Reader } from 'maxmind';
import type { Origin } from '../api/origin.ts';
import { parseOrigin } from '../api/parse-origin.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { parseAddressOrNothing } from '../net/address.ts';
import { isPublicAddress } from '../net/public-address.ts';

export type FindOrigin = (address: string) => Origin | undefined;

type Lookup = (address: string) => unknown;

/**
 * Country and AS of addresses out of country.mmdb and asn.mmdb.
 * @param dirs the first folder that has a file counts, the last is the release's: what that says of addresses that mean
 * something else on every network is left out. A file that is none is told once, and does without
 */
export function openOrigins(dirs: readonly string[]): FindOrigin {
  let country: Lookup | undefined;
  let network: Lookup | undefined;
  return (address) => {
    if (parseAddressOrNothing(address) === undefined) return undefined;
    country ??= openLookup(dirs, 'country.mmdb');
    network ??= openLookup(dirs, 'asn.mmdb');
    return parseOrigin(country(address), network(address));
  };
}

function openLookup(dirs: readonly string[], name: string): Lookup {
  const file = dirs.map((dir) => join(dir, name)).find((path) => existsSync(path));
  if (file === undefined) {
    log('notice', `no ${name} in ${dirs.join(' or ')}: that is not known of any address`);
    return () => null;
  }
  try {
    const reader = new Reader(readFileSync(file));
    const isShipped = file === join(dirs.at(-1)!, name);
    return (address) => {
      if (isShipped && !isPublicAddress(address)) return null;
      try {
        return reader.get(address);
      } catch {
        return null; // a damaged place in the file; others may be whole
      }
    };
  } catch (error) {
    log('warning', `${file} cannot be read as a database of addresses, and is left out: ${messageOf(error)}`);
    return () => null;
  }
}
