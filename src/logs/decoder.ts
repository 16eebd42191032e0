// A decoder: what one program's messages mean, as data. Text (YAML) -> typed; see services/syslog-x/decoders. Nothing in
// it is a regular expression: what matches a message takes linear time, whoever wrote the decoder.
import * as v from 'valibot';
import { MssError, messageOf } from '../errors.ts';
import { SEPARATORS, type Separator } from './body/columns.ts';
import { FIELD_NAMES } from './field-names.ts';
import { compileTemplate, type Template } from './template.ts';
import { readYaml } from './yaml.ts';

export interface Decoder {
  name: string;
  /** programs it reads, in lower case */
  apps: string[];
  /** how messages begin that it reads whatever program they name */
  starts: string[];
  /** how the ids of structured data begin (RFC 5424) that it reads whatever program they name */
  dataIds: string[];
  patterns: Pattern[];
  samples: { line: string; fields: Record<string, string> }[];
}

/** One kind of message; the first that fits counts. It has one of the five bodies. */
export interface Pattern {
  template?: Template;
  keyValue?: Keyed & { contains?: string };
  json?: Keyed;
  /** parameters of structured data, some in parts, and the message's id as MSGID */
  structured?: Keyed & { parts: [key: string, template: Template][] };
  columns?: { separator: Separator; where: Condition[]; map: Record<string, string>; least: number };
  /** labelled values in the text, read when the body fits */
  labels: Record<string, string>;
  set: Record<string, string>;
}

/** Pairs: all `requires` are there, and are what `where` says. */
export interface Keyed {
  requires: string[];
  where: Condition[];
  map: Record<string, string>;
  /** what the format brought stays beside our names */
  keep: boolean;
}

export interface Condition {
  key: string;
  value: string;
  /** the value only has to begin so: written with a '*' at the end */
  isPrefix: boolean;
}

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(2000));
// ours, or one that can be no slip of ours: the format's own, with a capital letter, dot, dash or underscore
const fieldName = v.union(
  [
    v.picklist(FIELD_NAMES),
    v.pipe(v.string(), v.regex(/^([A-Z][A-Za-z0-9]*|[A-Za-z][A-Za-z0-9]*([._-][A-Za-z0-9]+)+)$/)),
  ],
  `must be one of ${FIELD_NAMES.join(', ')}, or a format's own name (with a capital letter, dot or dash)`,
);
const where = v.optional(v.record(text, v.pipe(v.string(), v.maxLength(200))), {});
const map = v.optional(v.record(text, fieldName), {});
const keep = v.optional(v.boolean(), false);
const keyed = { requires: v.array(text), where, map };

const PatternSchema = v.pipe(
  v.strictObject({
    template: v.optional(text),
    keyValue: v.optional(v.strictObject({ ...keyed, keep, contains: v.optional(text) })),
    json: v.optional(v.strictObject(keyed)),
    structured: v.optional(v.strictObject({ ...keyed, parts: v.optional(v.record(text, text), {}) })),
    columns: v.optional(v.strictObject({ separator: v.picklist(Object.keys(SEPARATORS) as Separator[]), where, map })),
    labels: map,
    set: v.optional(v.record(fieldName, text), {}),
  }),
  v.check(
    ({ template, keyValue, json, structured, columns }) =>
      [template, keyValue, json, structured, columns].filter((body) => body !== undefined).length === 1,
    'needs one of template, keyValue, json, structured and columns',
  ),
);

const DecoderSchema = v.pipe(
  v.strictObject({
    name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be a short lower-case name')),
    apps: v.optional(v.array(text), []),
    starts: v.optional(v.array(text), []),
    dataIds: v.optional(v.array(text), []),
    patterns: v.pipe(v.array(PatternSchema), v.minLength(1)),
    samples: v.pipe(v.array(v.strictObject({ line: text, fields: v.record(text, v.string()) })), v.minLength(1)),
  }),
  v.check(
    ({ apps, starts, dataIds }) => apps.length + starts.length + dataIds.length > 0,
    'needs apps, starts or dataIds',
  ),
);

/**
 * Parses one decoder file.
 * @param file its name, for messages
 * @throws MssError 'input' naming the file and the faulty key
 */
export function parseDecoder(yaml: string, file: string): Decoder {
  try {
    const result = v.safeParse(DecoderSchema, readYaml(yaml));
    if (!result.success) {
      const faults = result.issues.map((issue) => `${v.getDotPath(issue) ?? '(whole file)'}: ${issue.message}`);
      throw new MssError('input', faults.join('; '));
    }
    const { name, apps, starts, dataIds, patterns, samples } = result.output;
    return {
      name,
      apps: apps.map((app) => app.toLowerCase()),
      starts,
      dataIds,
      patterns: patterns.map(compilePattern),
      samples,
    };
  } catch (cause) {
    throw new MssError('input', `decoder ${file}: ${messageOf(cause)}`, { cause });
  }
}

function compilePattern({
  template,
  keyValue,
  json,
  structured,
  columns,
  labels,
  set,
}: v.InferOutput<typeof PatternSchema>): Pattern {
  return {
    template: template === undefined ? undefined : compileNamed(template),
    keyValue: keyValue && { ...keyValue, where: conditions(keyValue.where) },
    json: json && { ...json, where: conditions(json.where), keep: true },
    structured: structured && {
      ...structured,
      where: conditions(structured.where),
      parts: Object.entries(structured.parts).map(([key, parts]) => [key, compileNamed(parts)]),
      keep: false,
    },
    columns: columns && {
      ...columns,
      where: conditions(columns.where),
      least: 1 + Math.max(0, ...[...Object.keys(columns.where), ...Object.keys(columns.map)].map(columnNumber)),
    },
    labels,
    set: set as Record<string, string>,
  };
}

function compileNamed(text: string): Template {
  const template = compileTemplate(text, 'any');
  for (const { name } of template.fields) {
    if (name === undefined || v.is(fieldName, name)) continue;
    throw new MssError(
      'input',
      `template "${text}": no field is called "${name}"; the names are ${FIELD_NAMES.join(', ')}`,
    );
  }
  return template;
}

const conditions = (pairs: Record<string, string>): Condition[] =>
  Object.entries(pairs).map(([key, value]) => {
    const isPrefix = value.endsWith('*');
    return { key, value: isPrefix ? value.slice(0, -1) : value, isPrefix };
  });

function columnNumber(key: string): number {
  if (!/^\d{1,3}$/.test(key)) throw new MssError('input', `columns: "${key}" is no column; they are counted from 0`);
  return Number(key);
}
