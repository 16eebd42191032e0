// One machine has another carry something out, by Windows' own administrative doors: services (PsExec, smbexec, Impacket),
// scheduled tasks (atexec), WMI (wmiexec), WinRM, DCOM, the registry, the directory's replication (DCSync). MITRE ATT&CK T1021,
// T1569.002, T1053.005, T1047, T1003.006. Administrators do the same, so that no single call is an incident: their
// stations belong on the allow-list.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { BoundedMap } from './bounded-map.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { readRpcCall } from './rpc-call.ts';
import { partOf, textOf } from './sides.ts';

const SERVICES = '367abb81-9844-35f1-ad32-98f038001003';
const TASKS = '86d35949-83c9-4044-b424-db363231fd0c';
const OLD_TASKS = '1ff70682-0a51-30e8-076d-740be8cee98b';
const WMI_LOGIN = 'f309ad18-d86a-11d0-a075-00c04fb68820';
const WMI = '9556dc99-828c-11cf-a37e-00aa003240c7';
const AUTOMATION = '00020400-0000-0000-c000-000000000046';
const REGISTRY = '338cd001-2244-31f1-aaaa-900038001003';
const ACTIVATION = '000001a0-0000-0000-c000-000000000046';
const OLD_ACTIVATION = '4d9f4ab8-7d1c-11cf-861e-0020af6e7c57';
// the interface of mimikatz' own server (modules/rpc of its public source)
const MIMIKATZ = '17fc11e9-c258-4b8d-8d07-2f4125156244';
const REPLICATION = 'e3514235-4b06-11d1-ab04-00c04fc2dcd2';

const WINRM_PATH = /^\/wsman(\?|$)/;

/** What a call means, and how sure that is: a login may precede mere reading. */
const MEANING: Readonly<Record<string, [string, number]>> = {
  [`${SERVICES}/12`]: ['a service was created', 0.7],
  [`${SERVICES}/24`]: ['a service was created', 0.7],
  [`${SERVICES}/44`]: ['a service was created', 0.7],
  [`${SERVICES}/45`]: ['a service was created', 0.7],
  [`${SERVICES}/60`]: ['a service was created', 0.7],
  [`${SERVICES}/11`]: ["a service's program was changed", 0.7],
  [`${SERVICES}/23`]: ["a service's program was changed", 0.7],
  [`${TASKS}/1`]: ['a scheduled task was registered', 0.7],
  [`${OLD_TASKS}/0`]: ['a scheduled task was added', 0.7],
  // all that follows may be encrypted, as WMI's and DCOM's calls mostly are
  [`${ACTIVATION}/4`]: ['an object was created', 0.5],
  [`${OLD_ACTIVATION}/0`]: ['an object was created', 0.5],
  [`${WMI_LOGIN}/6`]: ['a WMI session was opened', 0.55],
  [`${WMI}/24`]: ['a WMI method was called', 0.6],
  [`${AUTOMATION}/6`]: ['a method of a remote object was called', 0.5],
  [`${REGISTRY}/22`]: ['a registry value was written', 0.5],
  [`${MIMIKATZ}/2`]: ['mimikatz was given a command', 0.8],
  [`${REPLICATION}/3`]: ['the directory was replicated (DCSync)', 0.7],
};

export class LateralDetector implements Detector {
  readonly name = 'lateral';
  readonly kinds = ['smb', 'dcerpc', 'krb5', 'http'];
  readonly #isHome: IsHome;
  /** domain controllers, which replicate among themselves */
  readonly #controllers = new BoundedMap<true>(5000);

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    if (record.event_type === 'krb5') {
      const controller = record.src_port === 88 ? record.src_ip : record.dest_port === 88 ? record.dest_ip : undefined;
      if (controller !== undefined) this.#controllers.set(controller, true);
      return [];
    }
    if (record.event_type === 'http') return this.#ofWinRm(record, timeUs);
    const call = readRpcCall(record);
    const operation = call?.operations.find((one) => MEANING[one] !== undefined);
    if (call === undefined || operation === undefined || call.client === call.server) return [];
    const { client, server } = call;
    if (operation.startsWith(REPLICATION) && this.#controllers.get(client)) return [];
    const [what, confidence] = MEANING[operation];
    return this.#tell(record, timeUs, client, server, what, confidence);
  }

  #ofWinRm(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: client, dest_ip: server } = record;
    const { url, status } = partOf(record, 'http');
    if (client === undefined || server === undefined || status !== 200 || !WINRM_PATH.test(textOf(url))) return [];
    return this.#tell(record, timeUs, client, server, 'a WinRM session was opened', 0.5);
  }

  #tell(
    record: EveRecord,
    timeUs: number,
    client: string,
    server: string,
    what: string,
    confidence: number,
  ): DialogEvent[] {
    const summary = `${what} on ${server} by ${client}`;
    const event = { timeUs, detector: this.name, summary, confidence, ...endsOf(record) };
    const events: DialogEvent[] = [];
    if (this.#isHome(server)) events.push({ ...event, phase: 'exploit', host: server });
    if (this.#isHome(client)) events.push({ ...event, phase: 'spread', host: client });
    return events;
  }
}
