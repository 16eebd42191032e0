// A template that reads one kind of message: literal text and typed fields, matched from left to right without ever
// going back, so that no line takes more than linear time.
//   Failed password for <user:text> from <source:ip> port <sourcePort:int> <:word>
import { MssError } from '../errors.ts';
import { parseAddressOrNothing } from '../net/address.ts';
import { FIELD_NAMES } from './field-names.ts';

/**
 * int: digits; ip: an address; word: no space, and not past the literal behind it;
 * first / text: anything up to the first / last occurrence of the literal behind it, or to the end.
 * What a stranger may choose (a user name) is `text`: what he puts into it cannot pass for the rest of the message.
 */
const KINDS = ['int', 'ip', 'word', 'first', 'text'] as const;
type Kind = (typeof KINDS)[number];

interface Field {
  /** undefined: matched and forgotten */
  name: string | undefined;
  kind: Kind;
  /** the text behind it; '' at the end of the template */
  until: string;
}

export interface Template {
  /** text before the first field */
  head: string;
  fields: Field[];
}

const FIELD = /<([\w.-]*):([a-z]+)>/g;

/**
 * @param names what its fields may be called; 'any' for names that are a format's own
 * @throws MssError 'input' for an unknown name or kind, or two fields with nothing between
 */
export function compileTemplate(text: string, names: readonly string[] | 'any' = FIELD_NAMES): Template {
  const fields: Field[] = [];
  const found = [...text.matchAll(FIELD)];
  for (const [i, match] of found.entries()) {
    const [whole, name, kind] = match;
    const end = match.index + whole.length;
    const until = text.slice(end, found[i + 1]?.index ?? text.length);
    if (name !== '' && names !== 'any' && !names.includes(name)) {
      throw new MssError(
        'input',
        `template "${text}": no field is called "${name}"; the names are ${names.join(', ')}`,
      );
    }
    if (!(KINDS as readonly string[]).includes(kind)) {
      throw new MssError(
        'input',
        `template "${text}": "${kind}" is no kind of field; the kinds are ${KINDS.join(', ')}`,
      );
    }
    if (until === '' && end < text.length) {
      throw new MssError('input', `template "${text}": nothing tells where ${whole} ends; put text behind it`);
    }
    fields.push({ name: name === '' ? undefined : name, kind: kind as Kind, until });
  }
  return { head: text.slice(0, found[0]?.index ?? text.length), fields };
}

/** Reads the whole of `text` into `into`. @returns false when it does not fit; `into` may then hold parts */
export function matchTemplate(template: Template, text: string, into: Record<string, string>): boolean {
  if (!text.startsWith(template.head)) return false;
  let at = template.head.length;
  for (const { name, kind, until } of template.fields) {
    const end = fieldEnd(text, at, kind, until);
    if (end === -1 || !text.startsWith(until, end)) return false;
    const value = text.slice(at, end);
    if (kind === 'ip' && parseAddressOrNothing(value) === undefined) return false;
    if (name !== undefined) into[name] = value;
    at = end + until.length;
  }
  return at === text.length;
}

function fieldEnd(text: string, start: number, kind: Kind, until: string): number {
  switch (kind) {
    case 'int': {
      let end = start;
      while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
      return end > start ? end : -1;
    }
    case 'first':
      return until === '' ? text.length : text.indexOf(until, start);
    case 'text': {
      const end = until === '' ? text.length : text.lastIndexOf(until);
      return end >= start ? end : -1;
    }
    case 'word':
    case 'ip': {
      const space = text.indexOf(' ', start);
      const literal = until === '' ? -1 : text.indexOf(until, start);
      const end = Math.min(space === -1 ? text.length : space, literal === -1 ? text.length : literal);
      return end > start ? end : -1;
    }
  }
}
