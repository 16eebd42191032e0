// A message's own fields under their own names, for rules that know a format: Sigma says `a0`, `cfgpath`, `Image`.
import type { LogRecord } from '../../../api/log-record.ts';
import { type Fields, newFields } from '../../body/fields.ts';
import { readJson } from '../../body/json.ts';
import { readKeyValue } from '../../body/key-value.ts';
import { matchTemplate, type Template } from '../../template.ts';
import { readAudit } from './audit.ts';
import { readEventXml } from './event-xml.ts';

export const NATIVE_FORMATS = ['pairs', 'json', 'audit', 'event-xml'] as const;
export type NativeFormat = (typeof NATIVE_FORMATS)[number];

const NO_FIELDS: Fields = newFields();

/** Reads them; what does not have the format has no fields. */
export function readNativeFields(
  { message, fields, decoder }: LogRecord,
  format: NativeFormat | undefined,
  templates: readonly Template[],
): Fields {
  if (templates.length > 0) {
    // some programs align their columns with spaces
    return fillTemplate(message, templates) ?? fillTemplate(message.replaceAll(/ +/g, ' '), templates) ?? NO_FIELDS;
  }
  switch (format) {
    case 'pairs':
      return decoder === 'key-value' ? (fields ?? NO_FIELDS) : readKeyValue(message);
    case 'json':
      return decoder === 'json' ? (fields ?? NO_FIELDS) : (readJson(message) ?? NO_FIELDS);
    case 'audit':
      return readAudit(message);
    case 'event-xml':
      return readEventXml(message);
    case undefined:
      return fields ?? NO_FIELDS;
  }
}

function fillTemplate(message: string, templates: readonly Template[]): Fields | undefined {
  for (const template of templates) {
    const found = newFields();
    if (matchTemplate(template, message, found)) return found;
  }
  return undefined;
}
