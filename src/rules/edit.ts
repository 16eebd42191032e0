// A change of rule texts in suricata-update's words: `MATCHER "from" "to"`, as in its modify.conf; `from` is a regular
// expression, `\1` in `to` is its first group.
import { MssError, messageOf } from '../errors.ts';
import { parseMatcher, type RuleMatcher } from './matcher.ts';

export interface RuleEdit {
  /** as the person wrote it */
  words: string;
  matches: RuleMatcher;
  edit(text: string): string;
}

const WORDS = /^\s*(.+?)\s+"((?:[^"\\]|\\.)*)"\s+"((?:[^"\\]|\\.)*)"\s*$/;

/** Parses one change. @throws MssError `usage` for what is none */
export function parseEdit(words: string): RuleEdit {
  const found = WORDS.exec(words);
  if (found === null) {
    throw new MssError(
      'usage',
      `${words}: changes no rule; write MATCHER "from" "to", like 2001219 "seconds 120" "seconds 60"`,
    );
  }
  const [, matcher, from, to] = found;
  const matches = parseMatcher(matcher.replace(/^"(.*)"$/, '$1'));
  let expression: RegExp;
  try {
    expression = new RegExp(from.replaceAll('\\"', '"'), 'g');
  } catch (cause) {
    throw new MssError('usage', `${words}: "${from}" is no regular expression: ${messageOf(cause)}`, { cause });
  }
  const replacement = to
    .replaceAll('$', '$$$$')
    .replaceAll(/\\(\d|.)/g, (_, what: string) => (/\d/.test(what) ? `$${what}` : what));
  return { words, matches, edit: (text) => text.replace(expression, replacement) };
}
