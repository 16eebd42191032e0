// Whether a message is of a decoder's pattern, and its fields then. Time is linear in the message.
import { type Fields, newFields } from './body/fields.ts';
import { readLabels } from './body/labels.ts';
import type { MessageBody } from './body/message-body.ts';
import type { Condition, Keyed, Pattern } from './decoder.ts';
import { matchTemplate } from './template.ts';

/** @returns undefined for a message of another kind */
export function matchPattern(pattern: Pattern, body: MessageBody): Fields | undefined {
  const fields = newFields();
  if (!readBody(pattern, body, fields)) return undefined;
  readLabels(body.text, pattern.labels, fields);
  for (const name in fields) if (isNothing(fields[name])) delete fields[name];
  return Object.assign(fields, pattern.set);
}

/** How most formats write that there is none. */
const isNothing = (value: string): boolean => value === '' || value === '-' || value === 'N/A';

function readBody(
  { template, keyValue, json, structured, columns }: Pattern,
  body: MessageBody,
  into: Fields,
): boolean {
  if (template !== undefined) return matchTemplate(template, body.text, into);
  if (keyValue !== undefined) {
    // a search for the text is cheaper than reading pairs that are not there
    if (!keyValue.requires.every((key) => body.text.includes(`${key}=`))) return false;
    if (keyValue.contains !== undefined && !body.text.includes(keyValue.contains)) return false;
    return takeKeyed(keyValue, body.pairs, into);
  }
  if (json !== undefined) return body.json !== undefined && takeKeyed(json, body.json, into);
  if (structured !== undefined) {
    const { data } = body;
    if (data === undefined || !takeKeyed(structured, data, into)) return false;
    for (const [key, template] of structured.parts) {
      const parts = newFields();
      if (matchTemplate(template, data[key] ?? '', parts)) Object.assign(into, parts);
    }
    return true;
  }
  if (columns === undefined) return false;
  const found = body.columns(columns.separator);
  if (found.length < columns.least || !columns.where.every((one) => holds(one, found[Number(one.key)]))) return false;
  for (const at in columns.map) into[columns.map[at]] = found[Number(at)];
  return true;
}

function takeKeyed({ requires, where, map, keep }: Keyed, found: Fields, into: Fields): boolean {
  if (!requires.every((key) => key in found) || !where.every((one) => holds(one, found[one.key]))) return false;
  if (keep) Object.assign(into, found);
  for (const key in map) if (found[key]) into[map[key]] = found[key];
  return true;
}

const holds = ({ value, isPrefix }: Condition, found: string | undefined): boolean =>
  isPrefix ? found?.startsWith(value) === true : found === value;
