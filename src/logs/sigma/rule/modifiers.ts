// `field|modifier|modifier: values` -> one FieldTest. Modifiers work on the values from left to right.

import { messageOf } from '../../../errors.ts';
import { parseCidr } from '../../../net/cidr.ts';
import { bytesOf, ENCODINGS, type Encoding, encode } from './encode.ts';
import { parsePattern, plainText, widen } from './pattern.ts';
import { expandPlaceholders, type Placeholders } from './placeholders.ts';
import { type Comparison, DATE_PARTS, type DatePart, type FieldTest, refusal, type Value } from './rule.ts';

type Scalar = string | number | boolean | null;

const COMPARISONS = ['lt', 'lte', 'gt', 'gte'] as const;
const PLACES = ['contains', 'startswith', 'endswith'] as const;
const REGEX_FLAGS: Readonly<Record<string, string>> = {
  i: 'i',
  ignorecase: 'i',
  m: 'm',
  multiline: 'm',
  s: 's',
  dotall: 's',
};

/** What the modifiers of one line ask for. */
interface Plan {
  steps: (Encoding | 'expand' | (typeof PLACES)[number])[];
  regexFlags?: string;
  cidr: boolean;
  exists: boolean;
  fieldref: boolean;
  comparison?: Comparison;
  test: Pick<FieldTest, 'every' | 'negated' | 'cased' | 'dashes' | 'datePart'>;
}

/**
 * Reads one line of a selection.
 * @param key `field|modifier...`; without a field it is about the whole message
 * @throws MssError 'rule' for a modifier that is none, or values it cannot be used on
 */
export function parseFieldTest(key: string, values: readonly Scalar[], placeholders: Placeholders): FieldTest {
  const [field, ...modifiers] = key.split('|').map((part) => part.trim());
  const plan = planModifiers(modifiers);
  const isKeyword = field === '';
  if (isKeyword && plan.regexFlags === undefined && !PLACES.some((place) => plan.steps.includes(place))) {
    plan.steps.push('contains');
  }
  const read = values.map((value) => readValue(value, plan, placeholders));
  if (read.length === 0) throw refusal('value', `"${key}" has no value`);
  return {
    op: 'field',
    field: isKeyword ? undefined : field,
    values: read,
    label: isKeyword ? ['message', ...modifiers].join('|') : key,
    ...plan.test,
  };
}

function planModifiers(modifiers: readonly string[]): Plan {
  const plan: Plan = {
    steps: [],
    cidr: false,
    exists: false,
    fieldref: false,
    test: { every: false, negated: false, cased: false, dashes: false },
  };
  for (const modifier of modifiers) {
    if (isOneOf(PLACES, modifier) || isOneOf(ENCODINGS, modifier) || modifier === 'expand') plan.steps.push(modifier);
    else if (isOneOf(COMPARISONS, modifier)) plan.comparison = modifier;
    else if (isOneOf(DATE_PARTS, modifier)) plan.test.datePart = modifier;
    else if (modifier === 're') plan.regexFlags = '';
    else if (plan.regexFlags !== undefined && modifier in REGEX_FLAGS) plan.regexFlags += REGEX_FLAGS[modifier];
    else if (modifier === 'all') plan.test.every = true;
    else if (modifier === 'neq') plan.test.negated = true;
    else if (modifier === 'cased') plan.test.cased = true;
    else if (modifier === 'windash') plan.test.dashes = true;
    else if (modifier === 'cidr' || modifier === 'exists' || modifier === 'fieldref') plan[modifier] = true;
    else throw refusal('modifier', `"${modifier}" is no modifier of Sigma 2`);
  }
  return plan;
}

function readValue(value: Scalar, plan: Plan, placeholders: Placeholders): Value {
  if (plan.exists) {
    if (typeof value !== 'boolean') throw refusal('value', `exists takes true or false, not ${show(value)}`);
    return { kind: 'exists', wanted: value };
  }
  if (plan.comparison !== undefined || plan.test.datePart !== undefined) {
    return { kind: 'number', comparison: plan.comparison ?? 'eq', number: readNumber(value, plan.test.datePart) };
  }
  if (value === null) {
    if (plan.steps.length > 0) throw refusal('value', 'null takes no modifier that is about text');
    return { kind: 'null' };
  }
  const text = String(value);
  if (plan.regexFlags !== undefined) return { kind: 'regex', source: text, flags: plan.regexFlags };
  if (plan.cidr) return { kind: 'cidr', cidr: checkCidr(text) };
  if (plan.fieldref) {
    const place = PLACES.find((one) => plan.steps.includes(one));
    return { kind: 'field', name: text, relation: place ?? 'equals' };
  }
  return readText(text, plan, placeholders);
}

function readText(written: string, { steps }: Plan, placeholders: Placeholders): Value {
  let forms = [parsePattern(written)];
  for (const step of steps) {
    switch (step) {
      case 'expand':
        forms = forms.flatMap((form) => expandPlaceholders(form, placeholders));
        break;
      case 'contains':
        forms = forms.map((form) => widen(form, true, true));
        break;
      case 'startswith':
        forms = forms.map((form) => widen(form, false, true));
        break;
      case 'endswith':
        forms = forms.map((form) => widen(form, true, false));
        break;
      default:
        forms = forms.flatMap((form) => {
          const plain = plainText(form);
          if (plain === undefined) throw refusal('value', `${step} takes no wildcards: "${written}"`);
          // the first encoding takes characters, one after another takes bytes; latin1 is the same for both below 128
          const bytes = step === steps.find((one) => isOneOf(ENCODINGS, one)) ? bytesOf(plain) : plain;
          return encode(bytes, step).map((text) => [{ text }]);
        });
    }
  }
  return { kind: 'pattern', forms };
}

function readNumber(value: Scalar, datePart: DatePart | undefined): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw refusal('value', `${datePart ?? 'a comparison'} takes a number, not ${show(value)}`);
}

function checkCidr(text: string): string {
  try {
    parseCidr(text);
    return text;
  } catch (cause) {
    throw refusal('value', messageOf(cause));
  }
}

const show = (value: Scalar): string => JSON.stringify(value);

const isOneOf = <T extends string>(list: readonly T[], word: string): word is T =>
  (list as readonly string[]).includes(word);
