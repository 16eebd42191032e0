// JSON bodies: an object's values under dotted names ("user.name"), lists of plain values joined by commas.
import { type Fields, MAX_FIELDS, newFields } from './fields.ts';

const MAX_DEPTH = 8;
// how lumberjack and rsyslog mark structured messages
const CEE = '@cee:';

/**
 * What lies deeper than MAX_DEPTH is left to the raw text.
 * @returns undefined when the text is not one JSON object
 */
export function readJson(text: string): Fields | undefined {
  const body = (text.startsWith(CEE) ? text.slice(CEE.length) : text).trim();
  if (!body.startsWith('{') || !body.endsWith('}')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const fields = newFields();
  flatten(value, '', 0, { fields, room: MAX_FIELDS });
  return fields;
}

function flatten(value: unknown, name: string, depth: number, into: { fields: Fields; room: number }): void {
  if (value === null || value === undefined || into.room === 0) return;
  if (typeof value !== 'object') {
    into.fields[name] = String(value);
    into.room--;
  } else if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) {
    into.fields[name] = value.join(',');
    into.room--;
  } else if (depth < MAX_DEPTH) {
    for (const [key, inner] of Object.entries(value)) {
      flatten(inner, name === '' ? key : `${name}.${key}`, depth + 1, into);
    }
  }
}
