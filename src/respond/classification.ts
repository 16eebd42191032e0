// A person's own classes of alerts and log events: filter words, and what is done with what they match. The first class
// that matches counts.
import type { SensorEvent } from '../api/event.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { MssError, messageOf } from '../errors.ts';
import type { EveRecord } from '../eve/record.ts';
import { parseFilter } from '../query/parse.ts';
import { planMemory } from '../query/plan-memory.ts';

export type Class = SensorConfig['classify']['classes'][number];
export type Classify = (event: SensorEvent) => Class | undefined;

/**
 * @param domain of this sensor: classes of other domains are passed over, and so are disabled ones
 * @returns what class an alert or a log event belongs to
 * @throws MssError 'config' naming the class whose words cannot be used
 */
export function planClassify(classes: readonly Class[], domain: string): Classify {
  const tests = classes
    .map((one) => ({ one, matches: compileWords(one) }))
    .filter(({ one }) => one.action !== 'disabled' && (one.domain ?? domain) === domain);
  return (event) => tests.find(({ matches }) => matches(event))?.one;
}

/** What a class adds to a rank, of what it matched. */
export function classed(rank: EveRecord['mss'], found: Class | undefined): EveRecord['mss'] {
  if (found === undefined) return rank;
  const { rank: own, reasons } = rank ?? { rank: 0, reasons: [] };
  const said = { class: found.name, action: found.action };
  if (found.rank === 0) return { rank: own, reasons, ...said };
  const changed = Math.max(-100, Math.min(100, own + found.rank));
  return {
    rank: changed,
    reasons: [...reasons, `${found.rank > 0 ? '+' : ''}${found.rank} class "${found.name}"`],
    ...said,
  };
}

function compileWords({ name, words, of = 'alerts' }: Class) {
  try {
    return planMemory(parseFilter(words), of);
  } catch (cause) {
    throw new MssError('config', `class "${name}": ${messageOf(cause)}`, { cause });
  }
}
