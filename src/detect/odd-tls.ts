// TLS to the outside that no ordinary service speaks: a certificate that vouches for itself, no server name or a bare
// address as one, an unusual port, a server and a client fingerprint (JA4, else JA3) that no other host of ours uses.
// Each is weak and common alone; they are added up. After Anderson, Paul and McGrew, "Deciphering Malware's Use of TLS
// (without Decryption)" (2016).
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { isAddressLiteral, isEveryday } from './everyday.ts';
import { Popularity } from './popularity.ts';
import { partOf, textOf } from './sides.ts';

export const ODD_ENOUGH = 0.4;
/** hosts that must have spoken TLS before anything counts as rare */
export const KNOWN_HOSTS = 5;
const USUAL_PORTS: ReadonlySet<number> = new Set([443, 465, 587, 636, 853, 990, 993, 995, 5061, 5223, 8443]);

export class OddTlsDetector implements Detector {
  readonly name = 'odd-tls';
  readonly kinds = ['tls'];
  readonly #isHome: IsHome;
  readonly #used = new Popularity();

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#used.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: client, dest_ip: server, dest_port: port = 0 } = record;
    if (client === undefined || server === undefined || !this.#isHome(client) || this.#isHome(server)) return [];
    const tls = partOf(record, 'tls');
    const sni = textOf(tls.sni);
    const hosts = this.#used.note('any', client);
    const serverUsers = this.#used.note(`server ${sni || server}`, client);
    const fingerprint = textOf(tls.ja4) || textOf(partOf(tls, 'ja3').hash);
    const fingerprintUsers = fingerprint === '' ? hosts : this.#used.note(`client ${fingerprint}`, client);
    if (isEveryday(sni)) return [];
    const signs: [number, string][] = [];
    const subject = textOf(tls.subject);
    if (subject !== '' && subject === tls.issuerdn) signs.push([0.3, 'a certificate that vouches for itself']);
    if (sni === '' && subject !== '') signs.push([0.1, 'no server name']);
    else if (isAddressLiteral(sni)) signs.push([0.1, 'an address as server name']);
    if (!USUAL_PORTS.has(port)) signs.push([0.1, `port ${port}`]);
    if (hosts >= KNOWN_HOSTS && serverUsers === 1) signs.push([0.1, 'a server that no other host uses']);
    if (hosts >= KNOWN_HOSTS && fingerprintUsers === 1) signs.push([0.1, 'a program that no other host uses']);
    const odd = Math.round(signs.reduce((sum, [weight]) => sum + weight, 0) * 10) / 10;
    if (odd < ODD_ENOUGH) return [];
    const summary = `TLS with ${sni || server}: ${signs.map(([, what]) => what).join(', ')}`;
    return [{ timeUs, phase: 'c2', detector: this.name, summary, host: client, confidence: odd, ...endsOf(record) }];
  }
}
