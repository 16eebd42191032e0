// Events of Sysmon (Linux, too) and of Windows as XML in a message: <EventID>1</EventID> ... <Data Name="Image">x</Data>.
// Not an XML reader: the two shapes that event logs have, found in one pass.
import { type Fields, MAX_FIELDS, newFields } from '../../body/fields.ts';

const ELEMENT = /<(EventID|Channel|Computer)(?:\s[^<>]*)?>([^<]*)<\/|<Data Name=["']([^"'<>]{1,200})["']>([^<]*)<\//g;
const PROVIDER = /<Provider\s[^<>]*?Name=["']([^"'<>]*)["']/;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The first value of each name counts. */
export function readEventXml(message: string): Fields {
  const fields = newFields();
  if (!message.includes('<Event')) return fields;
  let count = 0;
  for (const [, element, content, name, data] of message.matchAll(ELEMENT)) {
    const key = element ?? name;
    if (key in fields) continue;
    fields[key] = unescapeXml(content ?? data);
    if (++count >= MAX_FIELDS) break;
  }
  const provider = PROVIDER.exec(message)?.[1];
  if (provider !== undefined) fields.Provider_Name = unescapeXml(provider);
  return fields;
}

const unescapeXml = (text: string): string =>
  text.includes('&')
    ? text.replaceAll(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (whole, name, decimal, hex) => {
        if (name !== undefined) return ENTITIES[name];
        const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
        return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      })
    : text;
