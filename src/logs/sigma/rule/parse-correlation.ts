// The correlation section of a rule.
import * as v from 'valibot';
import { CORRELATION_TYPES, type CorrelationRule, type CountLimit, refusal } from './rule.ts';

type Correlation = Pick<
  CorrelationRule,
  'type' | 'rules' | 'groupBy' | 'timespanUs' | 'limit' | 'fields' | 'aliases' | 'generate'
>;

/** More events than this are not counted for one alert: they would all have to be remembered. */
const MAX_COUNT = 10_000;
const MAX_RULES = 64;
const UNIT_US: Readonly<Record<string, number>> = { s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 };

const words = v.union([
  v.pipe(
    v.string(),
    v.transform((word) => [word]),
  ),
  v.array(v.string()),
]);
const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_COUNT)));
const CorrelationSchema = v.looseObject({
  type: v.string(),
  rules: v.pipe(words, v.minLength(1), v.maxLength(MAX_RULES)),
  'group-by': v.optional(words, []),
  timespan: v.pipe(v.string(), v.regex(/^\d{1,6}[smhd]$/, 'must be a number and s, m, h or d, like 10m')),
  condition: v.optional(
    v.strictObject({ gt: count, gte: count, lt: count, lte: count, eq: count, field: v.optional(words, []) }),
  ),
  aliases: v.optional(v.record(v.string(), v.record(v.string(), v.string())), {}),
  generate: v.optional(v.boolean(), false),
});

/** @throws MssError 'rule' naming the faulty key */
export function parseCorrelation(section: unknown): Correlation {
  const result = v.safeParse(CorrelationSchema, section);
  if (!result.success) {
    const faults = result.issues.map((issue) => `correlation.${v.getDotPath(issue) ?? ''}: ${issue.message}`);
    throw refusal('correlation', faults.join('; '));
  }
  const { rules, timespan, condition, aliases, generate } = result.output;
  const type = CORRELATION_TYPES.find((one) => one === result.output.type);
  if (type === undefined) {
    throw refusal('correlation', `type "${result.output.type}" is not one of ${CORRELATION_TYPES.join(', ')}`);
  }
  const groupBy = result.output['group-by'];
  const fields = condition?.field ?? [];
  if ((type === 'value_count') !== fields.length > 0) {
    throw refusal('correlation', 'value_count needs condition.field, and no other type takes it');
  }
  if (type === 'first_seen' && (groupBy.length === 0 || condition !== undefined)) {
    throw refusal('correlation', 'first_seen needs group-by, and takes no condition');
  }
  return {
    type,
    rules,
    groupBy,
    timespanUs: Number(timespan.slice(0, -1)) * UNIT_US[timespan.slice(-1)],
    limit: planLimit(type, rules.length, condition),
    fields,
    aliases: new Map(Object.entries(aliases).map(([alias, of]) => [alias, new Map(Object.entries(of))])),
    generate,
  };
}

function planLimit(
  type: Correlation['type'],
  rules: number,
  condition: v.InferOutput<typeof CorrelationSchema>['condition'],
): CountLimit {
  if (condition === undefined) {
    if (type === 'event_count' || type === 'value_count') throw refusal('correlation', `${type} needs a condition`);
    return { min: rules, max: Infinity };
  }
  const { gt, gte, lt, lte, eq } = condition;
  const min = Math.max(gt === undefined ? 0 : gt + 1, gte ?? 0, eq ?? 0);
  const max = Math.min(lt === undefined ? Infinity : lt - 1, lte ?? Infinity, eq ?? Infinity);
  // a count of nothing is no event: nothing would ever bring it up
  if (max < Math.max(min, 1)) throw refusal('correlation', 'no count of events fits its condition');
  if (min === 0 && max === Infinity) throw refusal('correlation', 'its condition holds for any count');
  if (type === 'temporal_ordered' && min !== rules) {
    throw refusal('correlation', 'temporal_ordered wants all of its rules; its condition cannot ask for fewer');
  }
  if (type.startsWith('temporal') && max < rules) {
    throw refusal('correlation', `${type} cannot ask that rules be missing; its condition takes gte only`);
  }
  return { min: Math.max(min, 1), max };
}
