// A person's own classes of alerts: filter words, and what is done with what they match. The first class that matches counts.
import type { SensorEvent } from '../api/event.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { MssError, messageOf } from '../errors.ts';
import { parseFilter } from '../query/parse.ts';
import { planMemory } from '../query/plan-memory.ts';

export type Class = SensorConfig['classify']['classes'][number];
export type Classify = (event: SensorEvent) => Class | undefined;

/**
 * @returns what class an alert belongs to; disabled ones are passed over
 * @throws MssError 'config' naming the class whose words cannot be used
 */
export function planClassify(classes: readonly Class[]): Classify {
  const tests = classes
    .filter(({ action }) => action !== 'disabled')
    .map((one) => ({ one, matches: compileWords(one) }));
  return (event) => tests.find(({ matches }) => matches(event))?.one;
}

function compileWords({ name, words }: Class) {
  try {
    return planMemory(parseFilter(words), 'alerts');
  } catch (cause) {
    throw new MssError('config', `class "${name}": ${messageOf(cause)}`, { cause });
  }
}
