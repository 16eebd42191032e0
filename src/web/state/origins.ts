// Countries and AS of the addresses in sight: asked for once each, many at a time.
import { signal } from '@preact/signals';
import type { AddressReport, Origin, Origins } from '../../api/origin.ts';
import { askJson } from '../api-client.ts';

const AT_ONCE = 100;
/** more than a day of looking shows; then it begins anew */
const MOST_KNOWN = 20_000;

/** undefined: asked for, or nothing is known */
const known = signal<ReadonlyMap<string, Origin | undefined>>(new Map());
let wanted = new Set<string>();

/** What is known of an address so far; who reads it is drawn again when there is more. */
export const originOf = (address: string): Origin | undefined => known.value.get(address);

export function wantOrigin(address: string): void {
  if (known.peek().has(address) || wanted.has(address)) return;
  if (wanted.size === 0) setTimeout(() => void askWanted()); // all that is drawn in one go
  wanted.add(address);
}

async function askWanted(): Promise<void> {
  const addresses = [...wanted];
  wanted = new Set();
  const before = known.peek().size + addresses.length > MOST_KNOWN ? [] : known.peek();
  known.value = new Map([...before, ...addresses.map((address): [string, undefined] => [address, undefined])]);
  for (let i = 0; i < addresses.length; i += AT_ONCE) {
    const query = new URLSearchParams(addresses.slice(i, i + AT_ONCE).map((address) => ['address', address]));
    try {
      known.value = new Map([...known.peek(), ...Object.entries(await askJson<Origins>(`/api/origins?${query}`))]);
    } catch {
      return; // the lists say that the sensor does not answer; an address without its country is no news
    }
  }
}

/** Asks who is behind an address, outside where that is allowed. @throws Refusal */
export const askWho = (address: string): Promise<AddressReport> => askJson(`/api/who/${encodeURIComponent(address)}`);
