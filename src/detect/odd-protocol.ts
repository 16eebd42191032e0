// A conversation with the outside that does not speak what its port is for, as back doors do that hide behind a port
// that firewalls let through (MITRE ATT&CK T1571 "Non-Standard Port", T1095): what the engine recognised against the
// port. Tunnels of one's own look the same, hence not strong.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';

export const LEAST_BYTES = 500;
/** what may be spoken on a port that is always open; `failed`: the engine knew none of what was said */
const SPOKEN: Readonly<Record<number, readonly string[]>> = {
  53: ['dns', 'tls'],
  80: ['http', 'http2', 'tls', 'websocket', 'doh2'],
  443: ['tls', 'http', 'http2', 'quic', 'websocket', 'doh2', 'dns'],
};

export class OddProtocolDetector implements Detector {
  readonly name = 'odd-protocol';
  readonly kinds = ['flow'];
  readonly #isHome: IsHome;

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: client, dest_ip: server, dest_port: port = 0, flow, app_proto: spoken } = record;
    if (client === undefined || server === undefined || flow === undefined || record.proto !== 'TCP') return [];
    const expected = SPOKEN[port];
    if (expected === undefined || spoken === undefined || expected.includes(spoken)) return [];
    if (!this.#isHome(client) || this.#isHome(server)) return [];
    const tcp = record.tcp as { syn?: boolean } | undefined;
    // without its beginning nobody can tell what a conversation speaks
    if (tcp?.syn !== true || flow.bytes_toserver < LEAST_BYTES || flow.bytes_toclient < LEAST_BYTES) return [];
    const what = spoken === 'failed' ? 'no protocol that is known' : spoken;
    const summary = `port ${port} of ${server} speaks ${what}, not ${expected[0]}`;
    return [{ timeUs, phase: 'c2', detector: this.name, summary, host: client, confidence: 0.4, ...endsOf(record) }];
  }
}
