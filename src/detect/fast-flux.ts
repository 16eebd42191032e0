// A name that answers with ever other addresses all over the net, each for minutes: infected machines take turns as a
// front. After Holz et al., "Measuring and Detecting Fast-Flux Service Networks" (NDSS 2008): many addresses in many
// networks, short lives. Content networks do the same for names that many of our hosts use, which are left out.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { baseDomain, readDns } from './dns-record.ts';
import { isEveryday } from './everyday.ts';
import { Popularity } from './popularity.ts';
import { TargetWindows } from './target-windows.ts';

export const FLUX_WINDOW_US = 3600 * 1_000_000;
export const FLUX_NETWORKS = 12;
export const SHORT_TTL_SECONDS = 600;
const MOST_USERS = 2;

export class FastFluxDetector implements Detector {
  readonly name = 'fast-flux';
  readonly kinds = ['dns'];
  readonly #isHome: IsHome;
  readonly #networks = new TargetWindows(FLUX_WINDOW_US);
  readonly #users = new Popularity();

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#networks.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const dns = readDns(record);
    if (dns === undefined || !dns.isResponse || dns.rcode !== 'NOERROR' || !this.#isHome(dns.client)) return [];
    if (isEveryday(dns.name) || this.#users.note(baseDomain(dns.name), dns.client) > MOST_USERS) return [];
    let fires = false;
    for (const { type, data, ttl } of dns.answers) {
      if (type !== 'A' || ttl > SHORT_TTL_SECONDS) continue;
      const network = data.split('.', 2).join('.');
      const networks = this.#networks.add(`${dns.client} ${dns.name}`, network, timeUs, FLUX_NETWORKS);
      fires ||= networks !== undefined && networks.length > 1;
    }
    if (!fires) return [];
    const summary = `${dns.name} answered with addresses of ${FLUX_NETWORKS} networks or more within an hour`;
    return [
      { timeUs, phase: 'c2', detector: this.name, summary, host: dns.client, confidence: 0.5, ...endsOf(record) },
    ];
  }
}
