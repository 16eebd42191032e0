// A host that asks Windows machines for what an intruder wants to know: users and groups, shares, sessions (MITRE ATT&CK
// T1087, T1135, T1069, T1049; net.exe, Impacket, BloodHound's collector). One machine asked for its shares is somebody
// who browses; lists of users and sessions are what administrators and intruders ask for.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { readRpcCall } from './rpc-call.ts';
import { TargetWindows } from './target-windows.ts';

export const RECON_WINDOW_US = 10 * 60 * 1_000_000;
export const RECON_HOSTS = 5;
const ACCOUNTS = '12345778-1234-abcd-ef00-0123456789ac';
const SERVER = '4b324fc8-1670-01d3-1278-5a47bf6ee188';
const WORKSTATION = '6bffd098-a112-3610-9833-46c3f87e345a';

const QUESTIONS: Readonly<Record<string, [string, number]>> = {
  [`${ACCOUNTS}/11`]: ['groups', 0.4],
  [`${ACCOUNTS}/13`]: ['users', 0.5],
  [`${ACCOUNTS}/25`]: ['members of a group', 0.5],
  [`${ACCOUNTS}/40`]: ['accounts', 0.4],
  [`${ACCOUNTS}/51`]: ['accounts', 0.4],
  [`${SERVER}/12`]: ['sessions', 0.4],
  [`${SERVER}/15`]: ['shares', 0.3],
  [`${WORKSTATION}/2`]: ['logged-on users', 0.4],
};

export class ReconDetector implements Detector {
  readonly name = 'recon';
  readonly kinds = ['smb', 'dcerpc'];
  readonly #isHome: IsHome;
  readonly #asked = new TargetWindows(RECON_WINDOW_US);

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#asked.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const call = readRpcCall(record);
    const operation = call?.operations.find((one) => QUESTIONS[one] !== undefined);
    if (call === undefined || operation === undefined || !this.#isHome(call.client)) return [];
    const { client: host, server } = call;
    const [what, confidence] = QUESTIONS[operation];
    const event = { timeUs, phase: 'prepare' as const, detector: this.name, host, ...endsOf(record) };
    const many = this.#asked.add(host, server, timeUs, RECON_HOSTS);
    if (many !== undefined && many.length > 1) {
      return [
        { ...event, summary: `${RECON_HOSTS} machines or more asked for users, shares or sessions`, confidence: 0.7 },
      ];
    }
    return [{ ...event, summary: `${server} asked for its ${what}`, confidence }];
  }
}
