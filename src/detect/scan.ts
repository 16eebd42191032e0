// Scans, seen in flows alone: one source, many failed connection attempts. Horizontal: one port on many hosts;
// vertical: many ports of one host. Counts distinct failed targets; after Jung et al., "Fast Portscan Detection Using
// Sequential Hypothesis Testing" (2004), whose point it shares: scanners fail, others do not.
import type { EveFlow, EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { TargetWindows } from './target-windows.ts';

export const SCAN_WINDOW_US = 10 * 60 * 1_000_000;
export const HORIZONTAL_HOSTS = 20;
export const VERTICAL_PORTS = 25;

// an unanswered attempt is a SYN and its repetitions (seven with Linux's tcp_syn_retries); more than that is a
// conversation of which the mirror shows one direction only
const MAX_UNANSWERED_PACKETS = 8;
// a refused attempt is a SYN answered by RST; some stacks try thrice
const MAX_REFUSED_PACKETS = 4;

export class ScanDetector implements Detector {
  readonly name = 'scan';
  readonly kinds = ['flow'];
  readonly #isHome: IsHome;
  readonly #windows = new TargetWindows(SCAN_WINDOW_US);

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#windows.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: src, dest_ip: dest } = record;
    if (record.event_type !== 'flow' || record.flow === undefined || src === undefined || dest === undefined) return [];
    if ((!this.#isHome(src) && !this.#isHome(dest)) || isGroupAddress(dest) || isQuicPort(record)) return [];
    if (!hasFailed(record, record.flow)) return [];
    const service = `${record.proto}/${record.dest_port ?? record.icmp_type ?? 0}`;
    const hosts = this.#windows.add(`h ${src} ${service}`, dest, timeUs, HORIZONTAL_HOSTS);
    const ports = this.#windows.add(`v ${src} ${dest}`, service, timeUs, VERTICAL_PORTS);
    const events: DialogEvent[] = [];
    if (hosts !== undefined) {
      const what = `scan of ${service} on ${HORIZONTAL_HOSTS} hosts or more within ${SCAN_WINDOW_US / 60e6} minutes`;
      if (hosts.length > 1) events.push(...this.#bySource(record, timeUs, what));
      events.push(...hosts.filter(this.#isHome).map((host) => this.#event(record, timeUs, host, 'scan-in', what)));
    }
    if (ports !== undefined && ports.length > 1) {
      const what = `scan of ${VERTICAL_PORTS} ports or more of ${dest} within ${SCAN_WINDOW_US / 60e6} minutes`;
      events.push(...this.#bySource(record, timeUs, what));
      if (this.#isHome(dest)) events.push(this.#event(record, timeUs, dest, 'scan-in', what));
    }
    return events;
  }

  #bySource(record: EveRecord, timeUs: number, summary: string): DialogEvent[] {
    return this.#isHome(record.src_ip!) ? [this.#event(record, timeUs, record.src_ip!, 'spread', summary)] : [];
  }

  #event(record: EveRecord, timeUs: number, host: string, phase: 'spread' | 'scan-in', summary: string): DialogEvent {
    const ends = phase === 'scan-in' ? { ...endsOf(record), dest_ip: host } : endsOf(record);
    return { timeUs, phase, detector: this.name, summary, host, confidence: phase === 'spread' ? 0.7 : 0.6, ...ends };
  }
}

/** An attempt that came to nothing: unanswered, or refused at once. */
export function hasFailed(record: EveRecord, flow: EveFlow): boolean {
  if (flow.pkts_toclient === 0) return flow.pkts_toserver <= MAX_UNANSWERED_PACKETS;
  const tcp = record.tcp as { rst?: boolean; psh?: boolean } | undefined;
  return (
    record.proto === 'TCP' &&
    tcp?.rst === true &&
    tcp.psh !== true &&
    flow.pkts_toserver <= MAX_REFUSED_PACKETS &&
    flow.pkts_toclient <= MAX_REFUSED_PACKETS
  );
}

/** Browsers try QUIC everywhere first, and many firewalls eat it: failures there are no scan. */
export const isQuicPort = ({ proto, dest_port }: EveRecord): boolean => proto === 'UDP' && dest_port === 443;

/** Multicast and broadcast, which nobody answers. */
export const isGroupAddress = (address: string): boolean =>
  /^(22[4-9]|23\d)\./.test(address) || address.endsWith('.255') || /^ff/i.test(address);
