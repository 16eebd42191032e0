// Hits of log rules as dialog events: which step of an attack a rule speaks of (the ATT&CK tactic in its tags), and how
// sure it is (its level). What happens on a host is the host's own doing, unless the tactic is one of getting in.
import type { Phase } from '../api/incident.ts';
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { endsOf } from './detector.ts';

// https://attack.mitre.org/tactics/enterprise/
const TACTICS: Readonly<Record<string, Phase>> = {
  reconnaissance: 'scan-in',
  'initial-access': 'exploit',
  'credential-access': 'exploit',
  execution: 'prepare',
  persistence: 'prepare',
  'privilege-escalation': 'prepare',
  'defense-evasion': 'prepare',
  discovery: 'prepare',
  collection: 'prepare',
  impact: 'prepare',
  'lateral-movement': 'spread',
  'command-and-control': 'c2',
  exfiltration: 'c2',
};

/** Lower levels are for a person who reads along, not for a verdict on a host. */
const CONFIDENCE: Readonly<Record<string, number>> = { critical: 0.9, high: 0.7, medium: 0.4 };

/**
 * What a hit says of a host; undefined for a rule of no tactic, or of too low a level.
 * @param hit as alertOfHit makes it
 * @param host of ours that the log tells of
 */
export function judgeLogHit(hit: EveRecord, timeUs: number, host: string): DialogEvent | undefined {
  const { metadata = {}, signature, gid, signature_id, rev } = hit.alert!;
  const confidence = CONFIDENCE[metadata.level?.[0] ?? ''];
  // Sigma's spelling of a tactic has changed from '_' to '-'
  const tactics = (metadata.tags ?? []).map((tag) => tag.replace('attack.', '').replaceAll('_', '-'));
  const phase = tactics.map((tactic) => TACTICS[tactic]).find((known) => known !== undefined);
  if (confidence === undefined || phase === undefined) return undefined;
  const rule = `${gid}:${signature_id}:${rev}`;
  return {
    timeUs,
    phase,
    detector: 'log-rule',
    summary: signature.slice(0, 300),
    rule,
    host,
    confidence,
    ...endsOf(hit),
  };
}
