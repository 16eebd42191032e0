// A file of rules -> its rules and what in it could not be read. One bad rule never costs the others.
import { messageOf } from '../errors.ts';
import { looksLikeRule, MAX_RULE_CHARS, parseRule, type Rule } from './rule.ts';

export interface BrokenRule {
  file: string;
  /** first line of the rule in its file, from 1 */
  line: number;
  reason: string;
  /** gid:sid where it could be told */
  id?: string;
  /** the beginning of its text */
  text: string;
}

export interface SourcedRule extends Rule {
  file: string;
  line: number;
}

export interface RuleFile {
  rules: SourcedRule[];
  broken: BrokenRule[];
}

/** A rule file's text as it came. */
export interface RuleText {
  /** the name it is called by in `group:` and in reports, without folders */
  file: string;
  text: string;
  /** the person's own: such rules may also pass traffic unseen */
  local?: boolean;
}

/** Parses a file: rules may run over lines that end in a backslash; `#alert …` is a rule that is switched off. */
export function parseRuleFile({ file, text }: RuleText): RuleFile {
  const found: RuleFile = { rules: [], broken: [] };
  for (const { line, text: joined } of joinLines(text)) {
    const commented = joined.startsWith('#');
    const body = commented ? joined.replace(/^[#\s]+/, '') : joined;
    // a comment that only resembles a rule is prose; a line that is neither comment nor rule is broken
    if (commented && !looksLikeRule(body)) continue;
    try {
      found.rules.push({ ...parseRule(body, !commented), file, line });
    } catch (error) {
      if (!commented)
        found.broken.push({ file, line, reason: messageOf(error), id: guessId(body), text: body.slice(0, 200) });
    }
  }
  return found;
}

function guessId(text: string): string | undefined {
  const sid = /[;(\s]sid\s*:\s*(\d{1,10})\s*;/.exec(text);
  return sid === null ? undefined : `${/[;(\s]gid\s*:\s*(\d{1,10})\s*;/.exec(text)?.[1] ?? 1}:${sid[1]}`;
}

function* joinLines(text: string): Generator<{ line: number; text: string }> {
  let pending = '';
  let first = 0;
  let at = 0;
  for (const raw of text.split('\n')) {
    at++;
    const trimmed = raw.trim();
    if (pending === '') first = at;
    // beyond the bound it is no rule whatever follows; without one, a file of backslashes takes minutes
    const mayGoOn = pending.length <= MAX_RULE_CHARS && !/^#\s/.test(pending === '' ? trimmed : pending);
    if (trimmed.endsWith('\\') && mayGoOn) {
      pending += `${trimmed.slice(0, -1)} `;
      continue;
    }
    const joined = (pending + trimmed).trim();
    pending = '';
    if (joined !== '') yield { line: first, text: joined };
  }
  if (pending.trim() !== '') yield { line: first, text: pending.trim() };
}
