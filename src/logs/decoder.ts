// A decoder: what one program's messages mean, as data. Text (YAML) -> typed; see services/syslog-x/decoders.
import * as v from 'valibot';
import { parse as parseYaml } from 'yaml';
import { MssError, messageOf } from '../errors.ts';
import { FIELD_NAMES, type FieldName } from './field-names.ts';
import { compileTemplate, type Template } from './template.ts';

export interface Decoder {
  name: string;
  /** programs it reads, in lower case */
  apps: string[];
  patterns: Pattern[];
  samples: { line: string; fields: Record<string, string> }[];
}

/** One kind of message; the first that fits counts. */
export interface Pattern {
  template?: Template;
  /** pairs: all `requires` are there, and the text holds `contains` */
  keyValue?: { requires: string[]; contains?: string; map: Record<string, FieldName> };
  set: Record<string, string>;
}

const fieldName = v.picklist(FIELD_NAMES);
const text = v.pipe(v.string(), v.minLength(1), v.maxLength(2000));

const DecoderSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be a short lower-case name')),
  apps: v.pipe(v.array(text), v.minLength(1)),
  patterns: v.pipe(
    v.array(
      v.pipe(
        v.strictObject({
          template: v.optional(text),
          keyValue: v.optional(
            v.strictObject({ requires: v.array(text), contains: v.optional(text), map: v.record(text, fieldName) }),
          ),
          set: v.optional(v.record(fieldName, text), {}),
        }),
        v.check(
          ({ template, keyValue }) => (template === undefined) !== (keyValue === undefined),
          'needs either template or keyValue',
        ),
      ),
    ),
    v.minLength(1),
  ),
  samples: v.pipe(v.array(v.strictObject({ line: text, fields: v.record(fieldName, v.string()) })), v.minLength(1)),
});

/**
 * Parses one decoder file.
 * @param file its name, for messages
 * @throws MssError 'input' naming the file and the faulty key
 */
export function parseDecoder(yaml: string, file: string): Decoder {
  try {
    const result = v.safeParse(DecoderSchema, parseYaml(yaml));
    if (!result.success) {
      const faults = result.issues.map((issue) => `${v.getDotPath(issue) ?? '(whole file)'}: ${issue.message}`);
      throw new MssError('input', faults.join('; '));
    }
    const { name, apps, patterns, samples } = result.output;
    return {
      name,
      apps: apps.map((app) => app.toLowerCase()),
      patterns: patterns.map(({ template, keyValue, set }) => ({
        template: template === undefined ? undefined : compileTemplate(template),
        keyValue,
        set: set as Record<string, string>,
      })),
      samples,
    };
  } catch (cause) {
    throw new MssError('input', `decoder ${file}: ${messageOf(cause)}`, { cause });
  }
}
