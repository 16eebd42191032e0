// A file of Sigma rules (one or several YAML documents) -> its rules, and what in it could not be used.
// One bad rule never costs the others.
import * as v from 'valibot';
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import { messageOf } from '../../../errors.ts';
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

const MAX_CHARS = 1 << 20;
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
  if (text.length > MAX_CHARS) {
    const { message: reason } = refusal('size', `longer than ${MAX_CHARS} characters`);
    found.broken.push({ file, line: 1, reason });
    return found;
  }
  const lines = new LineCounter();
  for (const document of readDocuments(text, lines)) {
    const at = document instanceof Error ? undefined : (document.contents?.range?.[0] ?? document.range?.[0]);
    const line = at === undefined ? 1 : lines.linePos(at).line;
    let head: { id?: string; title?: string } = {};
    try {
      if (document instanceof Error) throw refusal('yaml', messageOf(document));
      const [error] = document.errors;
      if (error !== undefined) {
        const { line: errorLine } = lines.linePos(error.pos[0]);
        found.broken.push({ file, line: errorLine, reason: refusal('yaml', firstLine(error.message)).message });
        continue;
      }
      const value: unknown = readValue(document);
      if (value === null) continue;
      head = headOf(value);
      found.rules.push(parseRule(value, { file, line }, placeholders));
    } catch (cause) {
      found.broken.push({ file, line, reason: messageOf(cause), ...head });
    }
  }
  return found;
}

function readDocuments(text: string, lineCounter: LineCounter): (Document.Parsed | Error)[] {
  try {
    return parseAllDocuments(text, { lineCounter, logLevel: 'silent' }) as Document.Parsed[];
  } catch (cause) {
    // brackets nested by the thousand exhaust the stack of any recursive reader
    return [cause instanceof Error ? cause : new Error(String(cause))];
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

function headOf(value: unknown): { id?: string; title?: string } {
  const { id, title } = (typeof value === 'object' ? value : {}) as Record<string, unknown>;
  return {
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof title === 'string' ? { title: title.slice(0, 256) } : {}),
  };
}

const firstLine = (text: string): string => text.split('\n', 1)[0].replace(/:$/, '');
