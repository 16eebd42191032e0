// Mining for somebody else's purse (MITRE ATT&CK T1496): names of pools in DNS, TLS or HTTP, and conversations with
// pools' own ports that the engine recognises as no protocol, which is how stratum looks to it.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { readDns } from './dns-record.ts';
import { partOf, textOf } from './sides.ts';

const POOL_NAME =
  /(^|[.-])(xmrpool|moneropool|minexmr|supportxmr|nanopool|2miners|hashvault|moneroocean|nicehash|f2pool|ethermine|minergate|unmineable|herominers|antpool|viabtc|dwarfpool|flexpool|c3pool|kryptex|coinhive|cryptoloot|xmr-[a-z]{2}\d?|stratum\+?)([.-]|$)|^(xmr|etc|eth|stratum)\d*\.pool\./;
const POOL_PORTS: ReadonlySet<number> = new Set([3333, 4444, 5555, 7777, 9999, 14433, 14444, 45700]);
export const LEAST_SECONDS = 60;

export class MiningDetector implements Detector {
  readonly name = 'mining';
  readonly kinds = ['dns', 'tls', 'http', 'flow'];
  readonly #isHome: IsHome;

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const found = record.event_type === 'flow' ? this.#ofFlow(record) : findPool(record);
    if (found === undefined || !this.#isHome(found.host)) return [];
    return [{ timeUs, phase: 'c2', detector: this.name, ...found, ...endsOf(record) }];
  }

  #ofFlow({ src_ip: host, dest_ip, dest_port = 0, app_proto, flow }: EveRecord) {
    if (host === undefined || dest_ip === undefined || flow === undefined || app_proto !== 'failed') return undefined;
    if (!POOL_PORTS.has(dest_port) || this.#isHome(dest_ip)) return undefined;
    const seconds = typeof flow.age === 'number' ? flow.age : 0;
    if (seconds < LEAST_SECONDS || flow.bytes_toserver < 500 || flow.bytes_toclient < 500) return undefined;
    return { host, summary: `long talk with port ${dest_port} of ${dest_ip}, which mining pools use`, confidence: 0.4 };
  }
}

function findPool(record: EveRecord): { host: string; summary: string; confidence: number } | undefined {
  const dns = record.event_type === 'dns' ? readDns(record) : undefined;
  const name =
    dns?.name ?? textOf(record.event_type === 'tls' ? partOf(record, 'tls').sni : partOf(record, 'http').hostname);
  const host = dns?.client ?? record.src_ip;
  if (host === undefined || !POOL_NAME.test(name.toLowerCase())) return undefined;
  // asking for a name is less than speaking with it
  return { host, summary: `mining pool ${name.slice(0, 200)}`, confidence: dns === undefined ? 0.7 : 0.5 };
}
