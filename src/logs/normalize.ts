// A parsed message's fields under the names all decoders share: by its program's decoder, else by its body's format.
import type { LogRecord } from '../api/log-record.ts';
import { readCef } from './body/cef.ts';
import { type Fields, newFields } from './body/fields.ts';
import { readJson } from './body/json.ts';
import { readKeyValue } from './body/key-value.ts';
import { readLeef } from './body/leef.ts';
import type { Decoder, Pattern } from './decoder.ts';
import { addKnownNames } from './field-names.ts';
import { matchTemplate } from './template.ts';

/** Sets `fields` and `decoder` of a record where one knows it. */
export type Normalize = (record: LogRecord) => void;

// prose has an '=' now and then; a body of pairs has several
const MIN_PAIRS = 3;

/** Time for one message is linear in its length, times the number of patterns of its program. */
export function compileDecoders(decoders: readonly Decoder[]): Normalize {
  const byApp = new Map<string, Decoder[]>();
  for (const decoder of decoders) {
    for (const app of decoder.apps) byApp.set(app, [...(byApp.get(app) ?? []), decoder]);
  }
  return (record) => {
    const message = record.message.trim();
    for (const decoder of findDecoders(byApp, record.app)) {
      for (const pattern of decoder.patterns) {
        const fields = matchPattern(pattern, message);
        if (fields === undefined) continue;
        record.decoder = decoder.name;
        record.fields = fields;
        return;
      }
    }
    const body = readBody(message);
    if (body === undefined) return;
    addKnownNames(body.fields);
    record.decoder = body.format;
    record.fields = body.fields;
  };
}

const NONE: Decoder[] = [];

/** "CRON" and "/usr/sbin/cron" are cron's. */
function findDecoders(byApp: ReadonlyMap<string, Decoder[]>, app: string | undefined): Decoder[] {
  if (app === undefined) return NONE;
  const name = app.toLowerCase();
  return byApp.get(name) ?? byApp.get(name.slice(name.lastIndexOf('/') + 1)) ?? NONE;
}

function matchPattern({ template, keyValue, set }: Pattern, message: string): Fields | undefined {
  const fields = newFields();
  if (template !== undefined) {
    if (!matchTemplate(template, message, fields)) return undefined;
  } else if (keyValue !== undefined) {
    // a search for the text is cheaper than reading pairs that are not there
    if (!keyValue.requires.every((key) => message.includes(`${key}=`))) return undefined;
    if (keyValue.contains !== undefined && !message.includes(keyValue.contains)) return undefined;
    const found = readKeyValue(message);
    if (!keyValue.requires.every((key) => key in found)) return undefined;
    for (const [key, name] of Object.entries(keyValue.map)) if (found[key]) fields[name] = found[key];
  }
  return Object.assign(fields, set);
}

function readBody(message: string): { format: string; fields: Fields } | undefined {
  const named = (format: string, fields: Fields | undefined) => fields && { format, fields };
  if (message.startsWith('CEF:')) return named('cef', readCef(message));
  if (message.startsWith('LEEF:')) return named('leef', readLeef(message));
  if (message.startsWith('{') || message.startsWith('@cee:')) return named('json', readJson(message));
  const equals = message.indexOf('=');
  if (equals === -1 || message.indexOf('=', equals + 1) === -1) return undefined;
  const fields = readKeyValue(message);
  return Object.keys(fields).length >= MIN_PAIRS ? { format: 'key-value', fields } : undefined;
}
