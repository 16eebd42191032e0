// A host that looks for a master it cannot find: many different registered domains that do not exist. Names made by a
// generator look random; after Antonakakis et al., "From Throw-Away Traffic to Bots: Detecting the Rise of DGA-Based
// Malware" (USENIX Security 2012), which also starts from the answers "no such domain". Very many of any kind are a
// storm, and weaker.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { baseDomain, readDns } from './dns-record.ts';
import { TargetWindows } from './target-windows.ts';

export const NXDOMAIN_WINDOW_US = 10 * 60 * 1_000_000;
export const RANDOM_DOMAINS = 12;
export const STORM_DOMAINS = 80;

export class DgaDetector implements Detector {
  readonly name = 'dga';
  readonly kinds = ['dns'];
  readonly #isHome: IsHome;
  readonly #domains = new TargetWindows(NXDOMAIN_WINDOW_US);

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#domains.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const dns = readDns(record);
    if (dns === undefined || dns.rcode !== 'NXDOMAIN' || !dns.isResponse || !this.#isHome(dns.client)) return [];
    const base = baseDomain(dns.name);
    // a name without a dot, or below the site's own suffix, says nothing of a generator
    if (!base.includes('.') || /\.(arpa|local|lan|home|internal|corp)$/.test(base)) return [];
    const minutes = NXDOMAIN_WINDOW_US / 60e6;
    const event = { timeUs, phase: 'c2' as const, detector: this.name, host: dns.client, ...endsOf(record) };
    if (looksRandom(base.split('.')[0])) {
      const random = this.#domains.add(`random ${dns.client}`, base, timeUs, RANDOM_DOMAINS);
      if (random !== undefined && random.length > 1) {
        const summary = `${RANDOM_DOMAINS} random-looking domains or more that do not exist within ${minutes} minutes, like ${base}`;
        return [{ ...event, summary, confidence: 0.7 }];
      }
    }
    const all = this.#domains.add(`all ${dns.client}`, base, timeUs, STORM_DOMAINS);
    if (all === undefined || all.length === 1) return [];
    const summary = `${STORM_DOMAINS} domains or more that do not exist within ${minutes} minutes`;
    return [{ ...event, summary, confidence: 0.4 }];
  }
}

/** Whether a label looks drawn by lot: hardly a vowel, digits between letters, or consonants in long rows. */
export function looksRandom(label: string): boolean {
  if (label.length < 8 || label.startsWith('xn--') || label.includes('-')) return false;
  const letters = label.replace(/[^a-z]/g, '');
  const vowels = letters.replace(/[^aeiouy]/g, '').length;
  const digitsInside = (label.match(/[a-z]\d+(?=[a-z])/g) ?? []).length;
  return vowels < letters.length * 0.25 || digitsInside >= 2 || /[bcdfghjklmnpqrstvwxz]{5}/.test(label);
}
