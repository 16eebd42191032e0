// Data carried in names: very many different long names below one registered domain, asked by one host. Names of a
// tunnel are never asked twice, and carry as much as fits. After Born and Gustafson, "Detecting DNS Tunnels Using
// Character Frequency Analysis" (2010) and iodine's and dnscat2's own documents; block lists and anti-virus clouds
// that are asked the same way are known by name.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { baseDomain, readDns } from './dns-record.ts';
import { isEveryday } from './everyday.ts';
import { TargetWindows } from './target-windows.ts';

export const TUNNEL_WINDOW_US = 10 * 60 * 1_000_000;
export const TUNNEL_NAMES = 40;
/** least characters below the registered domain */
export const LONG_NAME = 24;
const ASKED_LIKE_A_TUNNEL =
  /(^|\.)(in-addr\.arpa|ip6\.arpa|mcafee\.com|sophosxl\.net|spamhaus\.(org|net)|dnsbl\.[\w.]+|surbl\.org|uribl\.com|barracudabrts\.com|cymru\.com|e5\.sk|trendmicro\.com)$/;

export class DnsTunnelDetector implements Detector {
  readonly name = 'dns-tunnel';
  readonly kinds = ['dns'];
  readonly #isHome: IsHome;
  readonly #names = new TargetWindows(TUNNEL_WINDOW_US);

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#names.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const dns = readDns(record);
    if (dns === undefined || dns.isResponse || !this.#isHome(dns.client)) return [];
    const base = baseDomain(dns.name);
    const below = dns.name.slice(0, -base.length - 1);
    if (below.length < LONG_NAME || isEveryday(base) || ASKED_LIKE_A_TUNNEL.test(dns.name)) return [];
    const names = this.#names.add(`${dns.client} ${base}`, below, timeUs, TUNNEL_NAMES);
    if (names === undefined || names.length === 1) return [];
    const summary = `${TUNNEL_NAMES} different long names or more below ${base} asked within ${TUNNEL_WINDOW_US / 60e6} minutes`;
    return [
      { timeUs, phase: 'c2', detector: this.name, summary, host: dns.client, confidence: 0.7, ...endsOf(record) },
    ];
  }
}
