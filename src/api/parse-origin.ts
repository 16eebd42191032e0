// What two databases say of an address -> its origin. Either may be another one of the same kind (GeoLite2, DB-IP, ...).
import * as v from 'valibot';
import type { Origin } from './origin.ts';

const code = v.pipe(v.string(), v.regex(/^[A-Z]{2}$/));
const Country = v.union([
  v.pipe(
    v.object({ country_code: code }),
    v.transform((found) => found.country_code),
  ),
  v.pipe(
    v.object({ country: v.object({ iso_code: code }) }),
    v.transform((found) => found.country.iso_code),
  ),
]);
const Network = v.object({
  autonomous_system_number: v.number(),
  autonomous_system_organization: v.optional(v.string()),
});

/** Takes the records as they were found (null: nothing); undefined where neither says anything that is understood. */
export function parseOrigin(country: unknown, network: unknown): Origin | undefined {
  const origin: Origin = {};
  const where = v.safeParse(Country, country);
  if (where.success) origin.country = where.output;
  const who = v.safeParse(Network, network);
  if (who.success) {
    origin.asn = who.output.autonomous_system_number;
    origin.asName = who.output.autonomous_system_organization;
  }
  return where.success || who.success ? origin : undefined;
}
