// Which of our log records are what Sigma calls a log source, and where a rule's fields stand in them: as data.
// Text (YAML) -> typed; see services/syslog-x/sigma/log-sources.yaml.
import * as v from 'valibot';
import { MssError, messageOf } from '../../../errors.ts';
import { compileTemplate, type Template } from '../../template.ts';
import { readYaml } from '../../yaml.ts';
import type { LogSource } from '../rule/rule.ts';
import { NATIVE_FORMATS, type NativeFormat } from './native-fields.ts';
import { TAKES, type Take } from './take.ts';

export interface SourceDefinition {
  name: string;
  when: SourceMark;
  /** how the message's own fields are read; undefined: those that the decoder found */
  format?: NativeFormat;
  templates: Template[];
  gives: Give[];
}

/** What a record of a source looks like: all that is said here. */
export interface SourceMark {
  /** program names in lower case, without folders; any of them */
  apps: string[];
  /** any of them */
  decoders: string[];
  /** the message begins with any of them */
  starts: string[];
  /** the record as it came holds all of them */
  contains: string[];
  /** it has a Cisco mnemonic */
  mnemonic: boolean;
}

/** One of the names a source goes by, with the field names that rules for this name use. */
export interface Give {
  logSource: LogSource;
  /** only records with these values of the message's own fields */
  where: ReadonlyMap<string, string[]>;
  fields: ReadonlyMap<string, FieldOrigin>;
  /** the decoders' names come before those of the message */
  normalized: boolean;
}

export interface FieldOrigin {
  /** the first of them that is there */
  from: string[];
  take?: Take;
  /** a value of ours -> what rules call it */
  values?: ReadonlyMap<string, string>;
}

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(1000));
const texts = v.optional(v.array(text), []);
const one = v.pipe(
  text,
  v.transform((word) => [word]),
);
const lowerCase = v.pipe(
  texts,
  v.transform((words) => words.map((word) => word.toLowerCase())),
);
const origin = v.union([
  v.pipe(
    text,
    v.transform((field): FieldOrigin => ({ from: [field] })),
  ),
  v.pipe(
    v.strictObject({
      from: v.union([one, v.array(text)]),
      take: v.optional(v.picklist(TAKES)),
      values: v.optional(v.record(text, text)),
    }),
    v.transform(
      ({ from, take, values }): FieldOrigin => ({ from, take, values: values && new Map(Object.entries(values)) }),
    ),
  ),
]);
const fields = v.pipe(
  v.optional(v.record(text, origin), {}),
  v.transform((map) => new Map(Object.entries(map))),
);
const where = v.pipe(
  v.optional(v.record(text, v.array(text)), {}),
  v.transform((map) => new Map(Object.entries(map))),
);
const logSource = v.strictObject({
  product: v.optional(text),
  service: v.optional(text),
  category: v.optional(text),
});

const DefinitionsSchema = v.strictObject({
  /** what records of every source go by, with the decoders' own field names */
  normalized: v.strictObject({ logsource: logSource, fields }),
  sources: v.array(
    v.strictObject({
      name: text,
      when: v.strictObject({
        apps: lowerCase,
        decoders: texts,
        starts: texts,
        contains: texts,
        mnemonic: v.optional(v.boolean(), false),
      }),
      format: v.optional(v.picklist(NATIVE_FORMATS)),
      templates: texts,
      gives: v.pipe(v.array(v.strictObject({ logsource: logSource, where, fields })), v.minLength(1)),
    }),
  ),
});

/**
 * Parses the definitions; the first source that a record fits is its source.
 * @param file its name, for messages
 * @throws MssError 'input' naming the file and the faulty key
 */
export function parseLogSources(yaml: string, file: string): SourceDefinition[] {
  try {
    const result = v.safeParse(DefinitionsSchema, readYaml(yaml));
    if (!result.success) {
      const faults = result.issues.map((issue) => `${v.getDotPath(issue) ?? '(whole file)'}: ${issue.message}`);
      throw new MssError('input', faults.join('; '));
    }
    const { normalized, sources } = result.output;
    const own: Give = {
      logSource: normalized.logsource,
      where: new Map(),
      fields: normalized.fields,
      normalized: true,
    };
    return sources.map(({ name, when, format, templates, gives }) => ({
      name,
      when,
      format,
      templates: templates.map((template) => compileTemplate(template, 'any')),
      gives: [...gives.map((give) => ({ ...give, logSource: give.logsource, normalized: false })), own],
    }));
  } catch (cause) {
    throw new MssError('input', `log sources ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** Whether a rule for `wanted` is about records that go by the name of `given`. */
export const coversSource = (wanted: LogSource, given: LogSource): boolean =>
  (wanted.product === undefined || wanted.product === given.product) &&
  (wanted.service === undefined || wanted.service === given.service) &&
  (wanted.category === undefined || wanted.category === given.category);
