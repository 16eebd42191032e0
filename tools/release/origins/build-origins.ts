// The databases that say where an address belongs: its country as published, its AS compiled from the published list;
// each with its licence beside it.
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAsList } from './parse-as-list.ts';
import { renderMmdb } from './render-mmdb.ts';

const COUNTRY_PACKAGE = '@ip-location-db/geo-whois-asn-country-mmdb';
const AS_PACKAGE = '@ip-location-db/asn';
const AS_LICENCES = ['DBIP-LICENSE', 'NRO_LICENSE', 'ROUTEVIEWS-LICENSE', 'MODIFICATIONS'];

/** Writes country.mmdb, asn.mmdb and the licences of the second (the first is CC0) into `outDir`. */
export function buildOrigins(modulesDir: string, outDir: string): void {
  mkdirSync(outDir, { recursive: true });
  const countryDir = join(modulesDir, COUNTRY_PACKAGE);
  copyFileSync(join(countryDir, 'geo-whois-asn-country.mmdb'), join(outDir, 'country.mmdb'));
  const asDir = join(modulesDir, AS_PACKAGE);
  const { tree, records } = parseAsList(linesOf(asDir, ['asn-ipv4.csv', 'asn-ipv6.csv']));
  writeFileSync(join(outDir, 'asn.mmdb'), renderMmdb(tree, records, 'ASN', madeMs(asDir)));
  for (const name of AS_LICENCES) copyFileSync(join(asDir, name), join(outDir, `asn.${name}`));
}

function* linesOf(dir: string, names: readonly string[]): Generator<string> {
  for (const name of names) {
    for (const line of readFileSync(join(dir, name), 'utf8').split('\n')) if (line !== '') yield line;
  }
}

/** The publisher's version ends in the day: 2.3.2026061719. */
function madeMs(packageDir: string): number {
  const { version } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  const day = /\.(\d{4})(\d\d)(\d\d)\d*$/.exec(version);
  return day === null ? statSync(packageDir).mtimeMs : Date.UTC(Number(day[1]), Number(day[2]) - 1, Number(day[3]));
}
