// The shapes that keys of the configuration tree have: each a check with its default, label and help.
import * as v from 'valibot';

/** One line that names rules. */
export const MATCHER = /^[^\u0000-\u001f\u007f]{1,300}$/;

export const bool = (fallback: boolean, label: string, help: string) =>
  v.optional(v.pipe(v.boolean(), v.title(label), v.description(help)), fallback);

export const integer = (fallback: number, min: number, max: number, label: string, help: string) =>
  v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max), v.title(label), v.description(help)),
    fallback,
  );

export const text = (fallback: string, maxLength: number, label: string, help: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.maxLength(maxLength),
      v.regex(/^[^\u0000-\u001f\u007f]*$/, 'must be one line without control characters'),
      v.title(label),
      v.description(help),
    ),
    fallback,
  );

export const file = (label: string, help: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(\/[^\u0000-\u001f\u007f]{1,400})?$/, 'must be an absolute path, or empty'),
      v.title(label),
      v.description(help),
    ),
    '',
  );

export const list = (fallback: string[], max: number, pattern: RegExp, what: string, label: string, help: string) =>
  v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(pattern, `must be ${what}`))),
      v.maxLength(max),
      v.title(label),
      v.description(help),
    ),
    fallback,
  );

export const section = <const E extends v.ObjectEntries>(label: string, entries: E) =>
  v.optional(v.pipe(v.strictObject(entries), v.title(label)), {} as v.InferInput<v.StrictObjectSchema<E, undefined>>);
