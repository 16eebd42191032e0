// Registration Data Access Protocol: whom an address is registered to, as JSON (RFC 9082, RFC 9083). ARIN's server sends
// the question on to the registry in charge.
import * as v from 'valibot';
import { MssError } from '../../errors.ts';
import type { Facts, Provider } from './provider.ts';

const SERVER = 'https://rdap.arin.net/registry/ip/';

const EntitySchema = v.object({
  roles: v.optional(v.array(v.string()), []),
  vcardArray: v.optional(v.tuple([v.literal('vcard'), v.array(v.array(v.unknown()))])),
});
type Entity = v.InferOutput<typeof EntitySchema>;
const NetworkSchema = v.object({
  objectClassName: v.literal('ip network'),
  name: v.optional(v.string()),
  country: v.optional(v.string()),
  startAddress: v.string(),
  endAddress: v.string(),
  events: v.optional(v.array(v.object({ eventAction: v.string(), eventDate: v.string() })), []),
  entities: v.optional(
    v.array(v.object({ ...EntitySchema.entries, entities: v.optional(v.array(EntitySchema), []) })),
    [],
  ),
});

export const rdap: Provider = {
  name: 'rdap',
  ask: async (address, outside, signal) => parseRdap(await outside.fetchText(SERVER + address, signal)),
};

/** @throws MssError 'input' where the text is no answer about a network */
export function parseRdap(text: string): Facts {
  let network: v.InferOutput<typeof NetworkSchema>;
  try {
    network = v.parse(NetworkSchema, JSON.parse(text));
  } catch (cause) {
    throw new MssError('input', 'the RDAP server answered with something else than a network', { cause });
  }
  const all = network.entities.flatMap((entity) => [entity, ...entity.entities]);
  const registered = network.events.find(({ eventAction }) => eventAction === 'registration')?.eventDate;
  return withoutBlanks({
    network: network.name,
    range: `${network.startAddress} - ${network.endAddress}`,
    country: network.country,
    holder: cardValue(all, 'registrant', 'fn'),
    abuse: cardValue(all, 'abuse', 'email'),
    registered: registered?.slice(0, 10),
  });
}

/** The first text of a kind in the cards (RFC 7095) of those with a role. */
function cardValue(entities: readonly Entity[], role: string, kind: string): string | undefined {
  for (const { roles, vcardArray } of entities) {
    if (!roles.includes(role)) continue;
    for (const [name, , , value] of vcardArray?.[1] ?? []) if (name === kind && typeof value === 'string') return value;
  }
  return undefined;
}

const withoutBlanks = (facts: Record<string, string | undefined>): Facts =>
  Object.fromEntries(Object.entries(facts).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''));
