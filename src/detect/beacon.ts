// A program that reports to its master by the clock: many contacts of one of our hosts with one outside server (or with
// any server asked for by its bare address), at a steady period, that hardly any other host uses. Dispersion is the
// median deviation over the median, as RITA takes it (Active Countermeasures, "beacon analysis"); jitter of +-40 % still
// fits. Clocks, name service and mail polling are steady by nature and left out.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { BoundedMap } from './bounded-map.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { isAddressLiteral, isEveryday } from './everyday.ts';
import { Popularity } from './popularity.ts';
import { partOf, textOf } from './sides.ts';

export const BEACON_CONTACTS = 12;
const KEPT_CONTACTS = 24;
export const MIN_PERIOD_US = 1_500_000;
/** what comes faster than this must keep it up for longer: a person clicks in rhythm, but not for long */
const FAST_PERIOD_US = 10 * 1_000_000;
const FAST_CONTACTS = 20;
const MAX_PERIOD_US = 12 * 3600 * 1_000_000;
/** contacts closer than this are one: a page and its pictures */
const BURST_US = 1_000_000;
export const MAX_DISPERSION = 0.25;
const MOST_USERS = 2;
const AGAIN_US = 12 * 3600 * 1_000_000;
const MAX_KEYS = 20_000;
const STEADY_PORTS: ReadonlySet<number> = new Set([
  53, 67, 110, 123, 143, 161, 514, 853, 993, 995, 1900, 5223, 5228, 5353,
]);

interface Contacts {
  timesUs: number[];
  firedUs: number;
}

export class BeaconDetector implements Detector {
  readonly name = 'beacon';
  readonly kinds = ['flow', 'http', 'tls'];
  readonly #isHome: IsHome;
  readonly #contacts = new BoundedMap<Contacts>(MAX_KEYS);
  readonly #servers = new Popularity();
  /** servers that were asked for by an everyday name */
  readonly #everyday = new BoundedMap<true>(MAX_KEYS);

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#contacts.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: client, dest_ip: server, dest_port: port = 0, flow } = record;
    if (client === undefined || server === undefined || !this.#isHome(client)) return [];
    const outside = !this.#isHome(server);
    if (record.event_type !== 'flow') {
      const name = textOf(record.event_type === 'http' ? partOf(record, 'http').hostname : partOf(record, 'tls').sni);
      if (isEveryday(name)) this.#everyday.set(server, true);
      if (record.event_type === 'tls' || !(outside || isAddressLiteral(name))) return [];
      return this.#contact(record, client, server, `http ${client} ${server} ${name}`, timeUs);
    }
    if (flow === undefined || flow.pkts_toclient === 0 || !outside) return [];
    if (STEADY_PORTS.has(port) || (record.proto !== 'TCP' && record.proto !== 'UDP')) return [];
    return this.#contact(record, client, server, `${record.proto} ${client} ${server} ${port}`, timeUs);
  }

  #contact(record: EveRecord, client: string, server: string, key: string, timeUs: number): DialogEvent[] {
    const users = this.#servers.note(server, client);
    const contacts = this.#contacts.take(key, () => ({ timesUs: [], firedUs: Number.NEGATIVE_INFINITY }));
    contacts.timesUs.push(timeUs);
    if (contacts.timesUs.length > KEPT_CONTACTS) contacts.timesUs.shift();
    if (users > MOST_USERS || timeUs - contacts.firedUs < AGAIN_US || this.#everyday.get(server)) return [];
    const rhythm = findRhythm(contacts.timesUs);
    if (rhythm === undefined) return [];
    contacts.firedUs = timeUs;
    const seconds = Math.round(rhythm.periodUs / 1e6);
    const summary = `${rhythm.contacts} contacts with ${server}, one every ${seconds} s (spread ${Math.round(rhythm.dispersion * 100)} %)`;
    const confidence = rhythm.dispersion <= MAX_DISPERSION / 2 ? 0.6 : 0.5;
    return [{ timeUs, phase: 'c2', detector: this.name, summary, host: client, confidence, ...endsOf(record) }];
  }
}

/** The period of some contacts, where they are many and steady; times in any order. */
export function findRhythm(
  timesUs: readonly number[],
): { periodUs: number; dispersion: number; contacts: number } | undefined {
  if (timesUs.length < BEACON_CONTACTS) return undefined;
  const sorted = [...timesUs].sort((a, b) => a - b);
  const gaps: number[] = [];
  let last = sorted[0];
  for (const timeUs of sorted) {
    if (timeUs - last < BURST_US) continue;
    gaps.push(timeUs - last);
    last = timeUs;
  }
  if (gaps.length < BEACON_CONTACTS - 1) return undefined;
  const periodUs = median(gaps);
  if (periodUs < MIN_PERIOD_US || periodUs > MAX_PERIOD_US) return undefined;
  if (periodUs < FAST_PERIOD_US && gaps.length < FAST_CONTACTS) return undefined;
  const dispersion = median(gaps.map((gap) => Math.abs(gap - periodUs))) / periodUs;
  return dispersion <= MAX_DISPERSION ? { periodUs, dispersion, contacts: gaps.length + 1 } : undefined;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
