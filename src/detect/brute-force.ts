// Password guessing without any rule: refusals that servers spell out (Kerberos, SMB, FTP, LDAP, HTTP 401), and for
// services that hide them (ssh, rdp, …) many short logins of one source at one server. A 401 is also how a browser is
// asked for NTLM or Kerberos, twice in each connection: those that the same connection makes good are taken back.
// MITRE ATT&CK T1110.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { partOf, sidesOf } from './sides.ts';
import { TargetWindows } from './target-windows.ts';

export const GUESS_WINDOW_US = 5 * 60 * 1_000_000;
export const GUESSES = 15;

// services whose failed login shows as a short conversation, and the most bytes a server spends on one
const SHORT_LOGINS: Record<string, number> = {
  ssh: 8000,
  rdp: 6000,
  ftp: 3000,
  telnet: 3000,
  rfb: 3000,
  pgsql: 3000,
  pop3: 3000,
  imap: 3000,
};
const MIN_PACKETS = 6;

export class BruteForceDetector implements Detector {
  readonly name = 'brute-force';
  readonly kinds = ['krb5', 'smb', 'ftp', 'ldap', 'http', 'flow'];
  readonly #isHome: IsHome;
  readonly #windows = new TargetWindows(GUESS_WINDOW_US);
  #serial = 0;

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#windows.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const service = findFailedLogin(record);
    const { client, server } = sidesOf(record);
    if (client === undefined || server === undefined || (!this.#isHome(client) && !this.#isHome(server))) return [];
    if (service === undefined) {
      if (record.event_type === 'http' && isWelcome(record)) {
        this.#windows.forget(`HTTP ${client} ${server}`, (guess) => guess.endsWith(` ${record.flow_id}`));
      }
      return [];
    }
    // each refusal is a target of its own: what counts is how many there were
    const guess = `${this.#serial++} ${record.flow_id}`;
    const guesses = this.#windows.add(`${service} ${client} ${server}`, guess, timeUs, GUESSES);
    if (guesses === undefined || guesses.length === 1) return [];
    const summary = `${GUESSES} failed ${service} logins or more within ${GUESS_WINDOW_US / 60e6} minutes`;
    const event = { timeUs, detector: this.name, summary, confidence: 0.6, ...endsOf(record) };
    const events: DialogEvent[] = [];
    if (this.#isHome(server)) events.push({ ...event, phase: 'exploit', host: server });
    if (this.#isHome(client)) events.push({ ...event, phase: 'spread', host: client });
    return events;
  }
}

/** The service that refused a login in this record, or undefined. */
export function findFailedLogin(record: EveRecord): string | undefined {
  const part = (name: string) => partOf(record, name);
  switch (record.event_type) {
    case 'krb5':
      return part('krb5').error_code === 'KDC_ERR_PREAUTH_FAILED' ? 'Kerberos' : undefined;
    case 'smb':
      return part('smb').status === 'STATUS_LOGON_FAILURE' ? 'SMB' : undefined;
    case 'ftp': {
      const codes = part('ftp').completion_code;
      return Array.isArray(codes) && codes.includes('530') ? 'FTP' : undefined;
    }
    case 'ldap':
      return hasRefusedBind(part('ldap').responses) ? 'LDAP' : undefined;
    case 'http':
      return part('http').status === 401 ? 'HTTP' : undefined;
    case 'flow': {
      const limit = SHORT_LOGINS[record.app_proto ?? ''];
      const flow = record.flow;
      if (limit === undefined || flow === undefined) return undefined;
      const short = flow.bytes_toclient <= limit && flow.pkts_toclient + flow.pkts_toserver >= MIN_PACKETS;
      return short && flow.state !== 'new' ? record.app_proto : undefined;
    }
    default:
      return undefined;
  }
}

/** An answer that whoever was not let in does not get. */
function isWelcome(record: EveRecord): boolean {
  const { status } = partOf(record, 'http');
  return typeof status === 'number' && status >= 200 && status < 400;
}

function hasRefusedBind(responses: unknown): boolean {
  if (!Array.isArray(responses)) return false;
  return responses.some((response) => {
    const { result_code } = partOf(partOf({ response }, 'response'), 'bind_response');
    return result_code === 'invalid_credentials';
  });
}
