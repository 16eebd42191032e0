// A parsed message's fields under the names all decoders share: by its structured data, its program, how it begins, else
// by its body's format.
import type { LogRecord } from '../api/log-record.ts';
import { readCef } from './body/cef.ts';
import type { Fields } from './body/fields.ts';
import { readLeef } from './body/leef.ts';
import { MessageBody } from './body/message-body.ts';
import type { Decoder } from './decoder.ts';
import { addKnownNames } from './field-names.ts';
import { matchPattern } from './match-pattern.ts';

/** Sets `fields` and `decoder` of a record where one knows it. */
export type Normalize = (record: LogRecord) => void;

// prose has an '=' now and then; a body of pairs has several
const MIN_PAIRS = 3;

interface Start {
  text: string;
  decoder: Decoder;
}

/** Time for one message is linear in its length, times the number of patterns of its program. */
export function compileDecoders(decoders: readonly Decoder[]): Normalize {
  const byApp = new Map<string, Decoder[]>();
  const byFirst = new Map<number, Start[]>();
  for (const decoder of decoders) {
    for (const app of decoder.apps) byApp.set(app, [...(byApp.get(app) ?? []), decoder]);
    for (const text of decoder.starts) {
      const first = text.charCodeAt(0);
      byFirst.set(first, [...(byFirst.get(first) ?? []), { text, decoder }]);
    }
  }
  const byData = decoders.flatMap((decoder) => decoder.dataIds.map((text) => ({ text, decoder })));
  return (record) => {
    const known = record.structuredData && findData(byData, record.structuredData);
    if (known !== undefined) {
      const data = { ...known.parameters, MSGID: record.msgId ?? '' };
      if (decode(known.decoder, new MessageBody(record.message.trim(), data), record)) return;
    }
    const body = new MessageBody(record.message.trim());
    for (const decoder of findDecoders(byApp, record.app)) if (decode(decoder, body, record)) return;
    for (const { text, decoder } of byFirst.get(body.text.charCodeAt(0)) ?? NO_STARTS) {
      if (body.text.startsWith(text) && decode(decoder, body, record)) return;
    }
    const found = readFormat(body);
    if (found === undefined) return;
    addKnownNames(found.fields);
    record.decoder = found.format;
    record.fields = found.fields;
  };
}

function decode(decoder: Decoder, body: MessageBody, record: LogRecord): boolean {
  for (const pattern of decoder.patterns) {
    const fields = matchPattern(pattern, body);
    if (fields === undefined) continue;
    record.decoder = decoder.name;
    record.fields = fields;
    return true;
  }
  return false;
}

const NONE: Decoder[] = [];
const NO_STARTS: Start[] = [];

/** "CRON" and "/usr/sbin/cron" are cron's. */
function findDecoders(byApp: ReadonlyMap<string, Decoder[]>, app: string | undefined): Decoder[] {
  if (app === undefined) return NONE;
  const name = app.toLowerCase();
  return byApp.get(name) ?? byApp.get(name.slice(name.lastIndexOf('/') + 1)) ?? NONE;
}

/** The first element of structured data that a decoder reads. */
function findData(
  starts: readonly Start[],
  data: Readonly<Record<string, Fields>>,
): { decoder: Decoder; parameters: Fields } | undefined {
  for (const id in data) {
    for (const { text, decoder } of starts) if (id.startsWith(text)) return { decoder, parameters: data[id] };
  }
  return undefined;
}

function readFormat(body: MessageBody): { format: string; fields: Fields } | undefined {
  const { text } = body;
  const named = (format: string, fields: Fields | undefined) => fields && { format, fields };
  if (text.startsWith('CEF:')) return named('cef', readCef(text));
  if (text.startsWith('LEEF:')) return named('leef', readLeef(text));
  if (text.startsWith('{') || text.startsWith('@cee:')) return named('json', body.json);
  const equals = text.indexOf('=');
  if (equals === -1 || text.indexOf('=', equals + 1) === -1) return undefined;
  return Object.keys(body.pairs).length >= MIN_PAIRS ? { format: 'key-value', fields: body.pairs } : undefined;
}
