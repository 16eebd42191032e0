// The detection section of a rule: its selections and what its condition makes of them.
import { parseFieldTest } from './modifiers.ts';
import { parseCondition } from './parse-condition.ts';
import type { Placeholders } from './placeholders.ts';
import { type Condition, refusal, type Selection } from './rule.ts';

type Scalar = string | number | boolean | null;

const MAX_SELECTIONS = 256;
const DEEPEST_NESTING = 8;

/** @throws MssError 'rule' saying which selection is wrong, and why */
export function parseDetection(
  detection: Readonly<Record<string, unknown>>,
  placeholders: Placeholders,
): { selections: Map<string, Selection>; condition: Condition } {
  const { condition, timeframe, ...named } = detection;
  const conditions = (Array.isArray(condition) ? condition : [condition]).map((text) => {
    if (typeof text !== 'string') throw refusal('condition', 'detection has no condition');
    return text;
  });
  const names = Object.keys(named);
  if (names.length > MAX_SELECTIONS) throw refusal('size', `more than ${MAX_SELECTIONS} selections`);
  const trees = conditions.map((text) => parseCondition(text, names));
  if (timeframe !== undefined) {
    throw refusal('aggregation', '"timeframe" is of Sigma 1; write a correlation rule with a timespan instead');
  }
  const selections = new Map(
    names.map((name) => {
      try {
        return [name, parseSelection(named[name], placeholders, 0)] as const;
      } catch (cause) {
        if (cause instanceof Error) cause.message += ` (detection.${name})`;
        throw cause;
      }
    }),
  );
  return { selections, condition: trees.length === 1 ? trees[0] : { op: 'or', terms: trees } };
}

/** A map is all of its lines, a list any of its items; texts in a list are keywords. */
function parseSelection(given: unknown, placeholders: Placeholders, depth: number): Selection {
  if (depth > DEEPEST_NESTING) throw refusal('structure', `nested deeper than ${DEEPEST_NESTING}`);
  if (isScalar(given)) return parseFieldTest('', [given], placeholders);
  if (Array.isArray(given)) {
    const keywords = given.filter(isScalar);
    const others = given.filter((item) => !isScalar(item));
    const terms = others.map((item) => parseSelection(item, placeholders, depth + 1));
    if (keywords.length > 0) terms.unshift(parseFieldTest('', keywords, placeholders));
    if (terms.length === 0) throw refusal('value', 'an empty list matches nothing');
    return terms.length === 1 ? terms[0] : { op: 'any', terms };
  }
  if (typeof given !== 'object' || given === null) throw refusal('structure', 'a selection is a map or a list');
  const terms = Object.entries(given).map(([key, value]) => parseFieldTest(key, scalars(key, value), placeholders));
  if (terms.length === 0) throw refusal('value', 'an empty map matches nothing');
  return terms.length === 1 ? terms[0] : { op: 'all', terms };
}

function scalars(key: string, value: unknown): Scalar[] {
  const list = Array.isArray(value) ? value : [value];
  if (!list.every(isScalar)) throw refusal('structure', `"${key}" holds a map or a list where a value is expected`);
  return list;
}

const isScalar = (value: unknown): value is Scalar =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);
