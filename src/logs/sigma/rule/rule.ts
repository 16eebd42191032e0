// A Sigma rule as it was read: typed, nothing of our own records in it yet.
// Specification: "Sigma Rules Specification" and "Sigma Correlation Rules Specification", version 2.
import { MssError } from '../../../errors.ts';

export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

export interface LogSource {
  product?: string;
  service?: string;
  category?: string;
}

interface RuleHead {
  /** its UUID, else its name, else file and line */
  id: string;
  /** what correlation rules may call it */
  name?: string;
  title: string;
  level: Level;
  /** stable, test, experimental, deprecated or unsupported */
  status?: string;
  tags: string[];
  file: string;
  /** first line in its file, from 1 */
  line: number;
}

export interface DetectionRule extends RuleHead {
  kind: 'detection';
  logSource: LogSource;
  selections: ReadonlyMap<string, Selection>;
  condition: Condition;
}

/** What a search identifier of `detection` holds. */
export type Selection = { op: 'any'; terms: Selection[] } | { op: 'all'; terms: Selection[] } | FieldTest;

/** One `field|modifier: value` line. */
export interface FieldTest {
  op: 'field';
  /** undefined: a keyword, sought in the whole message as it came */
  field: string | undefined;
  values: Value[];
  /** all of the values instead of any of them */
  every: boolean;
  negated: boolean;
  cased: boolean;
  /** `-` and what stands for it on other command lines are the same character */
  dashes: boolean;
  /** the part of a date that is compared instead of the whole value */
  datePart?: DatePart;
  /** as written, for a person */
  label: string;
}

export const DATE_PARTS = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
export type DatePart = (typeof DATE_PARTS)[number];

/** A stretch of plain text, or a wildcard: `*` any number of characters, `?` exactly one. */
export type Piece = { text: string } | { wildcard: '*' | '?' };

export type Comparison = 'eq' | 'lt' | 'lte' | 'gt' | 'gte';
export type FieldRelation = 'equals' | 'contains' | 'startswith' | 'endswith';

export type Value =
  /** any of its forms: encodings and placeholders make several of one value */
  | { kind: 'pattern'; forms: Piece[][] }
  | { kind: 'regex'; source: string; flags: string }
  | { kind: 'cidr'; cidr: string }
  | { kind: 'number'; comparison: Comparison; number: number }
  | { kind: 'exists'; wanted: boolean }
  | { kind: 'null' }
  | { kind: 'field'; name: string; relation: FieldRelation };

/** The condition of a rule; selections by their names. */
export type Condition =
  | { op: 'selection'; name: string }
  | { op: 'and' | 'or'; terms: Condition[] }
  | { op: 'not'; term: Condition };

export const CORRELATION_TYPES = ['event_count', 'value_count', 'temporal', 'temporal_ordered', 'first_seen'] as const;
export type CorrelationType = (typeof CORRELATION_TYPES)[number];

export interface CorrelationRule extends RuleHead {
  kind: 'correlation';
  type: CorrelationType;
  /** ids or names */
  rules: string[];
  groupBy: string[];
  timespanUs: number;
  limit: CountLimit;
  /** value_count: whose values are counted; several count as one value */
  fields: string[];
  /** alias -> rule (id or name) -> field */
  aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** the rules referred to raise alerts of their own, too */
  generate: boolean;
}

/** A range of counts, both ends in it. */
export interface CountLimit {
  min: number;
  max: number;
}

export type SigmaRule = DetectionRule | CorrelationRule;

/** Kinds of refusal: every reason begins with one, so that reasons can be counted by kind. */
export type RefusalKind =
  | 'yaml'
  | 'structure'
  | 'value'
  | 'modifier'
  | 'regular expression'
  | 'condition'
  | 'aggregation'
  | 'placeholder'
  | 'log source'
  | 'correlation'
  | 'duplicate'
  | 'choice'
  | 'size';

/** The error of a rule that cannot be used. */
export const refusal = (kind: RefusalKind, reason: string): MssError => new MssError('rule', `${kind}: ${reason}`);

/** A rule set aside, with where it stands and why. */
export interface BrokenLogRule {
  file: string;
  line: number;
  /** begins with its {@link RefusalKind} and a colon */
  reason: string;
  id?: string;
  title?: string;
}
