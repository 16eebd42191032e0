// Suricata's alerts as dialog events: which phase of an infection a rule speaks of, and for which of our hosts.
// Asked in this order: the rule's own metadata (mss_phase, MITRE tactic), its message's family, its category.
// Phases: BotHunter (Gu et al., USENIX Security 2007), section 3.
import type { Phase } from '../api/incident.ts';
import { PHASES } from '../api/incident.ts';
import type { EveAlert, EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';

// https://attack.mitre.org/tactics/enterprise/
const TACTICS: Record<string, Phase> = {
  TA0043: 'scan-in',
  TA0001: 'exploit',
  TA0002: 'exploit',
  TA0004: 'exploit',
  TA0008: 'exploit',
  TA0007: 'prepare',
  TA0010: 'c2',
  TA0011: 'c2',
};

// families of Emerging Threats, GPL and like named sets; the first that fits
const FAMILIES: readonly [RegExp, Phase][] = [
  [/\b(CnC|C2|Command and Control|Check-?in|Beacon|Bot ?net|Phone ?home|Callback)\b/i, 'c2'],
  // a server of an attacker's framework, known by its certificate
  [/^ET ATTACK_RESPONSE .*\bCertificate Observed\b/, 'c2'],
  // one machine working on another by its administrative doors
  [
    /\b(Lateral Movement|PsExec|Remote Service Control Manager|SMB Executable File Transfer)\b|\bSMB\d? .*\bFile\b/i,
    'exploit',
  ],
  [/^ET \w+ .*\b(Download(er|ing)?|Dropper|Payload|PE EXE|EXE or DLL|Executable)\b/i, 'download'],
  [/^(ET|GPL) SCAN\b/, 'scan-in'],
  [/^(ET|GPL) (EXPLOIT|SHELLCODE|ATTACK_RESPONSE)\b/, 'exploit'],
  [/^ET (EXPLOIT_KIT|WEB_SERVER|WEB_CLIENT|WEB_SPECIFIC_APPS|ACTIVEX)\b/, 'exploit'],
  [/^ET (WORM|DOS)\b/, 'spread'],
  [/^ET (COINMINER|MALWARE|TROJAN|MOBILE_MALWARE)\b/, 'c2'],
  [/^ET (DROP|CINS|COMPROMISED|CIARMY|BOTCC|3CORESec)\b/, 'known-bad'],
  [/^ET P2P\b/, 'peer'],
];

// exploits that wait for a client to come along: their target opened the conversation
const TARGETS_CLIENTS = /^ET (EXPLOIT_KIT|WEB_CLIENT|ACTIVEX|CURRENT_EVENTS|PHISHING)\b/;

// what a machine says once it is somebody else's: it leaves the victim, whoever opened the conversation
const LEAVES_VICTIM = /^((ET|GPL) ATTACK_RESPONSE|MSS SHELL)\b/;

// the text of a classtype in Suricata's classification.config
const CATEGORIES: Record<string, Phase> = {
  'Attempted Administrator Privilege Gain': 'exploit',
  'Attempted User Privilege Gain': 'exploit',
  'Successful Administrator Privilege Gain': 'exploit',
  'Successful User Privilege Gain': 'exploit',
  'Web Application Attack': 'exploit',
  'Executable code was detected': 'exploit',
  'Exploit Kit Activity Detected': 'exploit',
  'Attempted Information Leak': 'scan-in',
  'Detection of a Network Scan': 'scan-in',
  'A Network Trojan was detected': 'c2',
  'Malware Command and Control Activity Detected': 'c2',
  'Domain Observed Used for C2 Detected': 'c2',
  'Targeted Malicious Activity was Detected': 'c2',
  'Crypto Currency Mining Activity Detected': 'c2',
};

// says more than its tactic, which is reconnaissance: the host asks about itself, and scans nobody
const ASKS_OWN_ADDRESS = 'Device Retrieving External IP Address Detected';

// what is done to a host, against what a host does
const INBOUND: ReadonlySet<Phase> = new Set(['scan-in', 'exploit']);

// what is not allowed everywhere is no attack for that, however sure the rule is of having seen it
const OF_POLICY = /^(ET|GPL|ETPRO) (POLICY|INFO|CHAT|GAMES|HUNTING)\b/;
const MOST_OF_POLICY = 0.5;

const CONFIDENCE: Record<string, number> = { high: 0.9, medium: 0.6, low: 0.3 };

export class AlertDetector implements Detector {
  readonly name = 'alert';
  readonly kinds = ['alert'];
  readonly #isHome: IsHome;

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { alert, src_ip, dest_ip } = record;
    if (record.event_type !== 'alert' || alert === undefined || src_ip === undefined || dest_ip === undefined)
      return [];
    const phase = findPhase(alert);
    const confidence = confidenceOf(alert);
    if (phase === undefined || confidence === 0) return [];
    const event = (host: string, its: Phase): DialogEvent => ({
      timeUs,
      phase: its,
      detector: this.name,
      summary: alert.signature,
      rule: `${alert.gid}:${alert.signature_id}:${alert.rev}`,
      host,
      confidence,
      ...endsOf(record),
    });
    if (LEAVES_VICTIM.test(alert.signature) && this.#isHome(src_ip)) {
      return [event(src_ip, phase), ...(this.#isHome(dest_ip) ? [event(dest_ip, 'spread')] : [])];
    }
    const { client, server } = conversationOf(record, src_ip, dest_ip);
    // known to be bad, but it came by itself: nothing that the host did
    if (phase === 'known-bad' && !this.#isHome(client)) return this.#isHome(server) ? [event(server, 'scan-in')] : [];
    if (!INBOUND.has(phase)) {
      const host = [client, server].find(this.#isHome);
      return host === undefined ? [] : [event(host, phase)];
    }
    const atClient = TARGETS_CLIENTS.test(alert.signature) || /client/i.test(alert.metadata?.attack_target?.[0] ?? '');
    const [attacker, target] = atClient && !this.#isHome(server) ? [server, client] : [client, server];
    const events: DialogEvent[] = [];
    if (this.#isHome(target)) events.push(event(target, phase));
    if (this.#isHome(attacker)) events.push(event(attacker, 'spread'));
    return events;
  }
}

/** The phase a rule speaks of, or undefined where it speaks of none. */
export function findPhase(alert: EveAlert): Phase | undefined {
  const own = alert.metadata?.mss_phase?.[0];
  if (own !== undefined) return PHASES.find((phase) => phase === own);
  if (alert.category === ASKS_OWN_ADDRESS) return 'prepare';
  const tactic = alert.metadata?.mitre_tactic_id?.map((id) => TACTICS[id]).find((phase) => phase !== undefined);
  if (tactic !== undefined) return tactic;
  return FAMILIES.find(([family]) => family.test(alert.signature))?.[1] ?? CATEGORIES[alert.category];
}

/** 0..1; 0 for a rule that calls itself informational. */
function confidenceOf({ metadata, severity, signature }: EveAlert): number {
  if (metadata?.signature_severity?.[0]?.toLowerCase() === 'informational') return 0;
  const said = CONFIDENCE[metadata?.confidence?.[0]?.toLowerCase() ?? ''];
  const confidence = said ?? (severity <= 1 ? 0.7 : severity === 2 ? 0.5 : 0.25);
  return OF_POLICY.test(signature) ? Math.min(MOST_OF_POLICY, confidence) : confidence;
}

/** Who opened the conversation: the flow says it, whichever packet the rule fired on. */
function conversationOf(record: EveRecord, src: string, dest: string): { client: string; server: string } {
  const flow = record.flow as { src_ip?: unknown; dest_ip?: unknown } | undefined;
  if (typeof flow?.src_ip === 'string' && typeof flow.dest_ip === 'string') {
    return { client: flow.src_ip, server: flow.dest_ip };
  }
  return record.direction === 'to_client' ? { client: dest, server: src } : { client: src, server: dest };
}
