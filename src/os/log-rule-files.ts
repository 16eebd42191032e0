// The rules for logs and what they are matched with, from disk: those that come with the release, and a person's own.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { MssError, messageOf } from '../errors.ts';
import type { LogRuleText } from '../logs/sigma/rule/parse-file.ts';
import { type Placeholders, parsePlaceholders } from '../logs/sigma/rule/placeholders.ts';
import { type BrokenLogRule, refusal } from '../logs/sigma/rule/rule.ts';
import { type LogRuleset, type LogRulesInput, planLogRuleset } from '../logs/sigma/ruleset.ts';
import { parseLogSources, type SourceDefinition } from '../logs/sigma/source/log-source.ts';
import { decodersDir } from './decoder-files.ts';

const MAX_FILES = 20_000;
const MAX_TOTAL_BYTES = 128 << 20;
const RULE_FILE = /\.ya?ml$/;
const PLACEHOLDERS_FILE = 'placeholders.yaml';

/**
 * The folder that came with the release: `rules/` and `log-sources.yaml` are in it.
 * @param importer the `import.meta.url` of a file under services/, or of its bundle
 */
export const sigmaDir = (importer: string): string => join(dirname(decodersDir(importer)), 'sigma');

/** @throws MssError 'io' or 'input' naming the file */
export const loadLogSources = (dir: string): SourceDefinition[] => {
  const file = join(dir, 'log-sources.yaml');
  return parseLogSources(readText(file), file);
};

/**
 * All rule files of a folder and the folders in it, or the one file that it is.
 * @throws MssError 'io' for what cannot be read, 'input' for too many files or bytes
 */
export function readLogRuleTexts(path: string): LogRuleText[] {
  const status = statOrThrow(path);
  if (status.isFile()) return [{ file: path, text: readText(path) }];
  let totalBytes = 0;
  const texts: LogRuleText[] = [];
  for (const file of listFiles(path)) {
    totalBytes += statOrThrow(file).size;
    if (texts.length >= MAX_FILES || totalBytes > MAX_TOTAL_BYTES) {
      throw new MssError('input', `${path}: more than ${MAX_FILES} rule files or ${MAX_TOTAL_BYTES} bytes of them`);
    }
    texts.push({ file: relative(path, file), text: readText(file) });
  }
  return texts;
}

export interface LogRuleFolders {
  /** what came with the release, see {@link sigmaDir} */
  release: string;
  /** a person's own, which need not be there */
  own?: string;
}

/**
 * Reads and plans the rules that are to run. What is wrong in a person's folder is in `broken`, and costs the other
 * rules nothing.
 * @throws MssError 'io' or 'input' when what came with the release cannot be read
 */
export function loadLogRuleset(
  { release, own }: LogRuleFolders,
  { disable, enable }: Pick<LogRulesInput, 'disable' | 'enable'>,
): LogRuleset {
  const faults: BrokenLogRule[] = [];
  const attempt = <T>(file: string, fallback: T, read: () => T): T => {
    try {
      return own !== undefined && isThere(file) ? read() : fallback;
    } catch (error) {
      faults.push({ file, line: 1, reason: refusal('structure', messageOf(error)).message });
      return fallback;
    }
  };
  const placeholdersFile = join(own ?? '', PLACEHOLDERS_FILE);
  const none: Placeholders = new Map();
  const ruleset = planLogRuleset({
    definitions: loadLogSources(release),
    placeholders: attempt(placeholdersFile, none, () =>
      parsePlaceholders(readText(placeholdersFile), placeholdersFile),
    ),
    texts: [
      readLogRuleTexts(join(release, 'rules')),
      attempt(own ?? '', [] as LogRuleText[], () => readLogRuleTexts(own ?? '')),
    ],
    disable,
    enable,
  });
  return { ...ruleset, broken: [...faults, ...ruleset.broken] };
}

function listFiles(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && RULE_FILE.test(entry.name) && entry.name !== PLACEHOLDERS_FILE)
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (cause) {
    throw new MssError('io', `cannot read the log rules in ${dir}: ${messageOf(cause)}`, { cause });
  }
}

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

function statOrThrow(path: string) {
  try {
    return statSync(path);
  } catch (cause) {
    throw new MssError('io', `cannot read log rules from ${path}: ${messageOf(cause)}`, { cause });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new MssError('io', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}
