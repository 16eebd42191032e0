// Kerberos against its own rules: tickets for many services in the weak cipher, to be guessed offline (Kerberoasting,
// MITRE ATT&CK T1558.003), or logins answered in it (AS-REP roasting T1558.004, pass-the-hash into Kerberos T1550.002),
// which counts less where the site knows no other cipher;
// names of accounts tried out (T1087.002); one password tried on many accounts (T1110.003). Guessing one account's
// password is brute-force.ts.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { BoundedMap } from './bounded-map.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { partOf, sidesOf, textOf } from './sides.ts';
import { TargetWindows } from './target-windows.ts';

export const KERBEROS_WINDOW_US = 5 * 60 * 1_000_000;
export const ROASTED_SERVICES = 3;
export const TRIED_NAMES = 10;
export const SPRAYED_ACCOUNTS = 8;
const WEAK = /^(rc4|des)/;

export class KerberosDetector implements Detector {
  readonly name = 'kerberos';
  readonly kinds = ['krb5'];
  readonly #isHome: IsHome;
  /** servers that answered logins in a strong cipher */
  readonly #strong = new BoundedMap<true>(1000);
  readonly #windows = new TargetWindows(KERBEROS_WINDOW_US);

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#windows.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { client, server } = sidesOf(record);
    if (client === undefined || server === undefined) return [];
    const { msg_type, error_code, sname, cname, encryption, ticket_encryption } = partOf(record, 'krb5');
    const event = (host: string, phase: DialogEvent['phase'], summary: string, confidence: number): DialogEvent[] =>
      this.#isHome(host) ? [{ timeUs, phase, detector: this.name, summary, host, confidence, ...endsOf(record) }] : [];
    const reaches = (what: string, target: string, threshold: number) =>
      (this.#windows.add(`${what} ${client}`, target, timeUs, threshold)?.length ?? 0) > 1;
    const service = textOf(sname);
    const account = textOf(cname);
    if (msg_type === 'KRB_TGS_REP' && WEAK.test(textOf(ticket_encryption) || textOf(encryption))) {
      // accounts of machines have passwords that nobody guesses
      if (service.startsWith('krbtgt') || service.includes('$')) return [];
      if (!reaches('roast', service, ROASTED_SERVICES)) return [];
      return event(client, 'prepare', `tickets of ${ROASTED_SERVICES} services or more taken in a weak cipher`, 0.7);
    }
    if (msg_type === 'KRB_AS_REP') {
      const cipher = textOf(encryption);
      if (!WEAK.test(cipher)) {
        this.#strong.set(server, true);
        return [];
      }
      const confidence = this.#strong.get(server) ? 0.5 : 0.3;
      return event(client, 'prepare', `${account} was let in with the weak cipher ${cipher}`, confidence);
    }
    if (error_code === 'KDC_ERR_C_PRINCIPAL_UNKNOWN' && reaches('names', account, TRIED_NAMES)) {
      return event(client, 'prepare', `${TRIED_NAMES} names of accounts or more tried that do not exist`, 0.6);
    }
    if (error_code === 'KDC_ERR_PREAUTH_FAILED' && reaches('spray', account, SPRAYED_ACCOUNTS)) {
      const summary = `wrong passwords for ${SPRAYED_ACCOUNTS} accounts or more`;
      return [...event(server, 'exploit', summary, 0.6), ...event(client, 'spread', summary, 0.7)];
    }
    return [];
  }
}
