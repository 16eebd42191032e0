// First-start answers as they come: an OVF environment document, or a seed file. Pure.
// OVF: DSP0243 11 ("OVF environment"); keys are `mss.<name>`, in a seed file the same names in camelCase.
import { XMLParser } from 'fast-xml-parser';
import { MssError, messageOf } from '../errors.ts';

/** Every question that can be answered beforehand. */
export const ANSWER_NAMES = [
  'sensor-type',
  'home-net',
  'promiscuous-interface',
  'root-password',
  'ssh-key',
  'hostname',
  'timezone',
  'proxy',
  'fetch-et-open',
  'ip',
  'gateway',
  'dns',
] as const;
export type AnswerName = (typeof ANSWER_NAMES)[number];

/** An empty answer is none: a deployment tool passes every property it was not told as "". */
export type RawAnswers = Partial<Record<AnswerName, string>>;

const PREFIX = 'mss.';
const isName = (name: string): name is AnswerName => (ANSWER_NAMES as readonly string[]).includes(name);

function collect(pairs: Iterable<[string, string]>): { answers: RawAnswers; unknown: string[] } {
  const answers: RawAnswers = {};
  const unknown: string[] = [];
  for (const [name, value] of pairs) {
    if (!isName(name)) unknown.push(name);
    else if (value.trim() !== '') answers[name] = value.trim();
  }
  return { answers, unknown };
}

interface Property {
  key?: string;
  value?: string;
}

/**
 * @returns the answers, and the names below `mss.` that are none; properties of others are passed over
 * @throws MssError 'input' for what is no OVF environment
 */
export function parseOvfEnvironment(text: string): { answers: RawAnswers; unknown: string[] } {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    parseAttributeValue: false,
    htmlEntities: true,
    isArray: (name) => name === 'Property' || name === 'PropertySection',
  });
  let sections: { Property?: Property[] }[] | undefined;
  try {
    const document = parser.parse(text, true) as { Environment?: { PropertySection?: { Property?: Property[] }[] } };
    if (document.Environment === undefined) throw new Error('no <Environment> in it');
    sections = document.Environment.PropertySection;
  } catch (cause) {
    throw new MssError('input', `the OVF environment cannot be read: ${messageOf(cause)}`, { cause });
  }
  const pairs: [string, string][] = (sections ?? [])
    .flatMap(({ Property }) => Property ?? [])
    .filter(({ key }) => key?.startsWith(PREFIX))
    .map(({ key, value }) => [(key ?? '').slice(PREFIX.length), value ?? '']);
  return collect(pairs);
}

/** @throws MssError 'input' for what is no JSON object of texts */
export function parseSeed(text: string): { answers: RawAnswers; unknown: string[] } {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new MssError('input', `seed.json: ${messageOf(cause)}`, { cause });
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new MssError('input', 'seed.json: must be one object, like { "sensorType": "standalone" }');
  }
  const pairs = Object.entries(document).map(([key, value]): [string, string] => {
    const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const isText = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';
    if (!isText && !Array.isArray(value)) throw new MssError('input', `seed.json: ${key} must be a text`);
    return [name, String(value)]; // a list becomes comma separated
  });
  return collect(pairs);
}
