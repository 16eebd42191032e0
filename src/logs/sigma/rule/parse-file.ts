// A file of Sigma rules (one or several YAML documents) -> its rules, and what in it could not be used.
// One bad rule never costs the others.
import * as v from 'valibot';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { messageOf } from '../../../errors.ts';
import { readJson } from '../../yaml.ts';
import { parseCorrelation } from './parse-correlation.ts';
import { parseDetection } from './parse-detection.ts';
import type { Placeholders } from './placeholders.ts';
import { type BrokenLogRule, LEVELS, refusal, type SigmaRule } from './rule.ts';

/** A rule file's text as it came. */
export interface LogRuleText {
  /** path below its rule folder */
  file: string;
  text: string;
}

export interface LogRuleFile {
  rules: SigmaRule[];
  broken: BrokenLogRule[];
}

/** Of one document. The reader of YAML takes quadratic time on some texts that are none; the longest rules have half. */
const MAX_CHARS = 256 << 10;
/** What aliases may multiply a document by: rules use a few, "billion laughs" uses many. */
const MAX_ALIASES = 100;

const text = v.pipe(v.string(), v.trim(), v.minLength(1));
const name = v.optional(v.pipe(text, v.maxLength(256)));
const RuleSchema = v.looseObject({
  title: v.pipe(text, v.maxLength(256)),
  id: name,
  name,
  level: v.optional(v.picklist(LEVELS), 'medium'),
  status: name,
  tags: v.optional(v.nullable(v.array(v.string())), []),
  logsource: v.optional(v.looseObject({ product: name, service: name, category: name })),
  detection: v.optional(v.record(v.string(), v.unknown())),
  correlation: v.optional(v.unknown()),
});

/** Parses a file; never throws. */
export function parseLogRuleFile({ file, text }: LogRuleText, placeholders: Placeholders): LogRuleFile {
  const found: LogRuleFile = { rules: [], broken: [] };
  for (const part of splitDocuments(text)) parsePart(part, file, placeholders, found);
  return found;
}

interface Part {
  text: string;
  /** its first line in the file, from 1 */
  line: number;
}

/** The documents of a file, each on its own: whatever is wrong with one, the next begins at its `---`. */
function* splitDocuments(text: string): Generator<Part> {
  let start = 0;
  let line = 1;
  for (const marker of text.matchAll(/^---(?=\s|$).*\n?/gm)) {
    yield { text: text.slice(start, marker.index), line };
    line += text.slice(start, marker.index).split('\n').length;
    start = marker.index + marker[0].length;
  }
  yield { text: text.slice(start), line };
}

function parsePart({ text, line }: Part, file: string, placeholders: Placeholders, found: LogRuleFile): void {
  if (text.split('\n').every(isSaidAside)) return;
  const lines = new LineCounter();
  let first = line;
  let head: { id?: string; title?: string } = {};
  try {
    if (text.length > MAX_CHARS) throw refusal('size', `the rule is longer than ${MAX_CHARS} characters`);
    const plain = readJson(text);
    if (plain !== undefined) {
      head = headOf(plain);
      found.rules.push(parseRule(plain, { file, line }, placeholders));
      return;
    }
    const document = readDocument(text, lines);
    const at = (offset: number) => line + lines.linePos(offset).line - 1;
    first = at(document.contents?.range[0] ?? 0);
    const [error] = document.errors;
    if (error !== undefined) {
      first = at(error.pos[0]);
      throw refusal('yaml', plainMessage(error.message));
    }
    const value = readValue(document);
    if (value === null) return;
    head = headOf(value);
    found.rules.push(parseRule(value, { file, line: first }, placeholders));
  } catch (cause) {
    found.broken.push({ file, line: first, reason: messageOf(cause), ...head });
  }
}

/** Empty, a comment, or a directive in front of the first marker. */
const isSaidAside = (line: string): boolean => /^\s*([#%]|$)/.test(line);

/** Brackets nested by the thousand exhaust the stack of any recursive reader. */
function readDocument(text: string, lineCounter: LineCounter): Document.Parsed {
  try {
    return parseDocument(text, { lineCounter, logLevel: 'silent' });
  } catch (cause) {
    throw refusal('yaml', messageOf(cause));
  }
}

function readValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw refusal('yaml', messageOf(cause));
  }
}

function parseRule(value: unknown, place: { file: string; line: number }, placeholders: Placeholders): SigmaRule {
  refuseOtherKinds(value);
  const result = v.safeParse(RuleSchema, value);
  if (!result.success) {
    const faults = result.issues.map((issue) => `${v.getDotPath(issue) ?? '(whole rule)'}: ${issue.message}`);
    throw refusal('structure', faults.join('; '));
  }
  const { title, id, name, level, status, tags, logsource, detection, correlation } = result.output;
  const head = {
    id: id ?? name ?? `${place.file}:${place.line}`,
    name,
    title,
    level,
    status,
    tags: tags ?? [],
    ...place,
  };
  if (correlation !== undefined) return { kind: 'correlation', ...head, ...parseCorrelation(correlation) };
  if (detection === undefined) throw refusal('structure', 'it has neither detection nor correlation');
  const { product, service, category } = logsource ?? {};
  if (product === undefined && service === undefined && category === undefined) {
    throw refusal('structure', 'logsource names neither product, service nor category');
  }
  const logSource = { product, service, category };
  return { kind: 'detection', ...head, logSource, ...parseDetection(detection, placeholders) };
}

/** Documents that are Sigma's, and no rules. */
function refuseOtherKinds(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if ('action' in value) throw refusal('structure', '"action" is of Sigma 1; write each rule whole');
  if ('filter' in value) throw refusal('structure', 'Sigma filters are not read; write the exception into the rule');
}

function headOf(value: unknown): { id?: string; title?: string } {
  const { id, title } = (typeof value === 'object' ? value : {}) as Record<string, unknown>;
  return {
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof title === 'string' ? { title: title.slice(0, 256) } : {}),
  };
}

/** Without the place, which is given in lines of the file, and the text that follows. */
const plainMessage = (text: string): string => text.split('\n', 1)[0].replace(/ at line \d+, column \d+:?$/, '');
