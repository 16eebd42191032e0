// What ids wants blocked: the outside end of an alert whose rule blocks, or of an incident that ranks high. Pure.
import { RE2JS } from 're2js';
import type { BlockRequest } from '../../api/block.ts';
import type { SensorEvent } from '../../api/event.ts';
import type { Evidence } from '../../api/incident.ts';
import type { SensorConfig } from '../../config/sensor-config.ts';
import { MssError, messageOf } from '../../errors.ts';

export type PlanRequests = (event: SensorEvent) => BlockRequest[];

/** Phases in which the outside end is the attacker, or the attacker's machine. */
const HOSTILE_PHASES: readonly string[] = ['exploit', 'download', 'c2', 'known-bad'];

/**
 * @param isHome whether an address is one of ours
 * @throws MssError 'config' for a matcher that is none
 */
export function planRequests(
  { rules, incidentRank, minutes }: SensorConfig['respond'],
  isHome: (address: string) => boolean,
): PlanRequests {
  const ids = new Set<string>();
  const patterns: RE2JS[] = [];
  for (const word of rules) {
    const [, gid = '1', sid] = /^(?:(\d{1,10}):)?(\d{1,10})$/.exec(word.trim()) ?? [];
    if (sid !== undefined) ids.add(`${gid}:${sid}`);
    else if (word.startsWith('re:')) patterns.push(compilePattern(word.slice(3).trim()));
    else throw new MssError('config', `respond.rules: "${word}" is no matcher; write SID, GID:SID or re:REGEX`);
  }
  const between = (src: string | undefined, dest: string | undefined, why: string): BlockRequest[] => {
    if (src === undefined || dest === undefined) return [];
    const [remote, host] = isHome(src) && !isHome(dest) ? [dest, src] : [src, dest];
    return [{ remote, host, minutes, why }];
  };
  return (event) => {
    if (event.type === 'alert' && event.eve.alert !== undefined) {
      const { gid, signature_id, signature } = event.eve.alert;
      const id = `${gid}:${signature_id}`;
      const { mss } = event.eve;
      if (mss?.action === 'ignore') return [];
      if (mss?.action === 'block') return between(event.eve.src_ip, event.eve.dest_ip, `class "${mss.class}"`);
      if (!ids.has(id) && !patterns.some((pattern) => pattern.matcher(signature).find())) return [];
      return between(event.eve.src_ip, event.eve.dest_ip, `rule ${id} (${signature})`);
    }
    if (event.type === 'incident' && incidentRank > 0 && event.incident.rank >= incidentRank) {
      const { id, host, evidence } = event.incident;
      const why = `incident ${id} on ${host}`;
      return evidence
        .filter((one) => isOutside(one, isHome))
        .flatMap(({ src_ip, dest_ip }) => between(src_ip, dest_ip, why));
    }
    return [];
  };
}

const isOutside = ({ phase, src_ip, dest_ip }: Evidence, isHome: (address: string) => boolean): boolean =>
  HOSTILE_PHASES.includes(phase) && src_ip !== undefined && dest_ip !== undefined && isHome(src_ip) !== isHome(dest_ip);

function compilePattern(text: string): RE2JS {
  try {
    return RE2JS.compile(text, RE2JS.CASE_INSENSITIVE);
  } catch (cause) {
    throw new MssError('config', `respond.rules: re:${text} cannot be used: ${messageOf(cause)}`, { cause });
  }
}
