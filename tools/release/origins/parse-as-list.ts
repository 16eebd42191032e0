// Lines `first address,last address,AS number,name of the AS` -> an AddressTree and its records, in GeoLite2's words.
import { MssError } from '../../../src/errors.ts';
import { parseAddress } from '../../../src/net/address.ts';
import { AddressTree } from './address-tree.ts';

export interface AsList {
  tree: AddressTree;
  records: Record<string, string | number>[];
}

/** What the format can hold of a name, and more than any registry does. */
const LONGEST_NAME = 200;

/** @throws MssError 'input' naming the line that is none */
export function parseAsList(lines: Iterable<string>): AsList {
  const tree = new AddressTree();
  const records: AsList['records'] = [];
  const numberOf = new Map<number, number>();
  for (const line of lines) {
    const match = /^([^,]+),([^,]+),(\d{1,10}),(?:"((?:[^"]|"")*)"|([^"]*))$/.exec(line);
    if (match === null) throw new MssError('input', `"${line.slice(0, 100)}" is no line of a list of AS`);
    const [, first, last, asText, quoted, plain] = match;
    const as = Number(asText);
    let value = numberOf.get(as);
    if (value === undefined) {
      value = records.length;
      numberOf.set(as, value);
      const name = (quoted?.replaceAll('""', '"') ?? plain).slice(0, LONGEST_NAME);
      records.push({ autonomous_system_number: as, autonomous_system_organization: name });
    }
    tree.fill(parseAddress(first), parseAddress(last), value);
  }
  return { tree, records };
}
