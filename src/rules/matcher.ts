// Words that pick rules, those of suricata-update: SID, GID:SID, group:FILE, filename:GLOB, re:REGEX,
// metadata:KEY VALUE, classtype:NAME. One word picks any number of rules.
import { MssError, messageOf } from '../errors.ts';
import { ruleKey } from './rule.ts';
import type { SourcedRule } from './rule-file.ts';

export type RuleMatcher = (rule: SourcedRule) => boolean;

/**
 * Parses one matcher.
 * @throws MssError `usage` for a word that is none
 */
export function parseMatcher(word: string): RuleMatcher {
  const text = word.trim();
  const id = /^(?:(\d{1,10})[:\s])?(\d{1,10})$/.exec(text);
  if (id !== null) {
    const wanted = `${Number(id[1] ?? 1)}:${Number(id[2])}`;
    return (rule) => ruleKey(rule) === wanted;
  }
  const [, kind, rest] = /^(group|filename|re|metadata|classtype):\s*(.+)$/s.exec(text) ?? [];
  switch (kind) {
    case 'group':
    case 'filename': {
      const glob = globExpression(rest);
      return (rule) => glob.test(rule.file) || glob.test(rule.file.replace(/\.rules$/, ''));
    }
    case 're': {
      const expression = parseExpression(rest);
      return (rule) => expression.test(rule.text);
    }
    case 'metadata': {
      const [key, ...value] = rest.split(/\s+/);
      const wanted = value.join(' ').toLowerCase();
      return (rule) => {
        const values = rule.metadata[key];
        return values !== undefined && (wanted === '' || values.some((one) => one.toLowerCase() === wanted));
      };
    }
    case 'classtype':
      return (rule) => rule.classtype === rest;
    default:
      throw new MssError(
        'usage',
        `"${word}" picks no rule; use SID, GID:SID, group:FILE, re:REGEX, metadata:KEY VALUE or classtype:NAME`,
      );
  }
}

/** A matcher for many words at once; ids are looked up rather than tried one by one. */
export function parseMatchers(words: readonly string[]): RuleMatcher {
  const ids = new Set<string>();
  const others: RuleMatcher[] = [];
  for (const word of words) {
    const id = /^\s*(?:(\d{1,10}):)?(\d{1,10})\s*$/.exec(word);
    if (id === null) others.push(parseMatcher(word));
    else ids.add(`${Number(id[1] ?? 1)}:${Number(id[2])}`);
  }
  return (rule) => ids.has(ruleKey(rule)) || others.some((matches) => matches(rule));
}

function parseExpression(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch (cause) {
    throw new MssError('usage', `re:${text} is no regular expression: ${messageOf(cause)}`, { cause });
  }
}

function globExpression(glob: string): RegExp {
  const escaped = glob.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i');
}
