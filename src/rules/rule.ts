// One Suricata rule (versions 5 to 8): text -> header and options. What an option means is the engine's to judge;
// read here is only what managing rules needs. Grammar: Suricata documentation, "Rules Format".
import { MssError } from '../errors.ts';

export interface RuleOption {
  name: string;
  /** as written, without the quotes of a wholly quoted value; undefined for a bare word */
  value?: string;
}

export interface Rule {
  /** the rule on one line, without a leading `#` */
  text: string;
  /** false where the source ships it commented out */
  enabled: boolean;
  action: string;
  proto: string;
  gid: number;
  sid: number;
  rev: number;
  msg: string;
  classtype?: string;
  /** `metadata` of the rule: key -> values */
  metadata: Record<string, string[]>;
  options: RuleOption[];
}

export const ACTIONS = ['alert', 'drop', 'pass', 'reject', 'rejectsrc', 'rejectdst', 'rejectboth', 'config'] as const;
const HEADER = new RegExp(`^(${ACTIONS.join('|')})\\s+(\\S+)\\s+`);
export const MAX_RULE_CHARS = 32_768;

/** `gid:sid`, which names a rule whatever its revision. */
export const ruleKey = (rule: Pick<Rule, 'gid' | 'sid'>): string => `${rule.gid}:${rule.sid}`;

/** Whether a line (without a leading `#`) looks like a rule rather than prose. */
export const looksLikeRule = (line: string): boolean => HEADER.test(line) && line.includes('(');

/**
 * Parses one rule.
 * @throws MssError `rule` saying what is wrong; the caller adds file and line
 */
export function parseRule(text: string, enabled = true): Rule {
  if (text.length > MAX_RULE_CHARS) throw fault(`longer than ${MAX_RULE_CHARS} characters`);
  const header = HEADER.exec(text);
  if (header === null)
    throw fault(`does not start with an action (${ACTIONS.slice(0, 4).join(', ')}, …) and a protocol`);
  const open = text.indexOf('(');
  if (open === -1) throw fault('has no options in parentheses');
  const close = text.lastIndexOf(')');
  if (close < open || text.slice(close + 1).trim() !== '') throw fault('does not end with ")"');
  checkHeader(text.slice(0, open));
  const options = parseOptions(text.slice(open + 1, close));
  const find = (name: string) => options.find((option) => option.name === name)?.value;
  const sid = wholeNumber('sid', find('sid'));
  if (sid === undefined) throw fault('has no sid');
  return {
    text,
    enabled,
    action: header[1],
    proto: header[2],
    gid: wholeNumber('gid', find('gid')) ?? 1,
    sid,
    rev: wholeNumber('rev', find('rev')) ?? 0,
    msg: find('msg') ?? '',
    classtype: find('classtype'),
    metadata: parseMetadata(options),
    options,
  };
}

function checkHeader(header: string): void {
  const words = splitHeader(header);
  // a `config` rule and one for a protocol's own records may leave addresses out: ACTION PROTO
  if (words.length === 2) return;
  if (words.length !== 7)
    throw fault(`header has ${words.length} words instead of 7: ACTION PROTO SRC PORT -> DST PORT`);
  if (words[4] !== '->' && words[4] !== '<>' && words[4] !== '=>') {
    throw fault(`"${words[4]}" is no direction; use ->, => or <>`);
  }
}

/** Words of a header; brackets hold spaces together. */
function splitHeader(header: string): string[] {
  const words: string[] = [];
  let depth = 0;
  let word = '';
  for (const char of header) {
    if (char === '[') depth++;
    else if (char === ']') depth--;
    if (/\s/.test(char) && depth <= 0) {
      if (word !== '') words.push(word);
      word = '';
    } else word += char;
  }
  if (word !== '') words.push(word);
  if (depth !== 0) throw fault('brackets of an address or port list do not close');
  return words;
}

/** `name; name:value; name:"value";`: as in the engine only a backslash keeps a `;` from ending an option, quotes do not. */
function parseOptions(text: string): RuleOption[] {
  const options: RuleOption[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ';') {
      options.push(parseOption(text.slice(start, i).trim()));
      start = i + 1;
    }
  }
  const rest = text.slice(start).trim();
  if (rest !== '') throw fault(`option "${rest.slice(0, 40)}" does not end with ";"`);
  return options;
}

function parseOption(text: string): RuleOption {
  const colon = text.indexOf(':');
  const name = (colon === -1 ? text : text.slice(0, colon)).trim();
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw fault(`"${text.slice(0, 40)}" is no option`);
  if (colon === -1) return { name };
  const value = text.slice(colon + 1).trim();
  return { name, value: /^".*"$/s.test(value) ? value.slice(1, -1) : value };
}

function parseMetadata(options: RuleOption[]): Record<string, string[]> {
  const found: Record<string, string[]> = Object.create(null);
  for (const { name, value } of options) {
    if (name !== 'metadata' || value === undefined) continue;
    for (const item of value.split(',')) {
      const [key, ...rest] = item.trim().split(/\s+/);
      if (key === '') continue;
      found[key] ??= [];
      found[key].push(rest.join(' '));
    }
  }
  return found;
}

function wholeNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,10}$/.test(value) || Number(value) > 0xffffffff) throw fault(`${name} "${value}" is no 32-bit number`);
  return Number(value);
}

const fault = (why: string): MssError => new MssError('rule', `rule ${why}`);
