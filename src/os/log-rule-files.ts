// The rules for logs and what they are matched with, from disk: those that come with the release, and a person's own.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { MssError, messageOf } from '../errors.ts';
import type { LogRuleText } from '../logs/sigma/rule/parse-file.ts';
import { type Placeholders, parsePlaceholders } from '../logs/sigma/rule/placeholders.ts';
import { parseLogSources, type SourceDefinition } from '../logs/sigma/source/log-source.ts';
import { decodersDir } from './decoder-files.ts';

const MAX_FILES = 20_000;
const MAX_FILE_BYTES = 1 << 20;
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
    const { size } = statOrThrow(file);
    totalBytes += size;
    if (texts.length >= MAX_FILES || totalBytes > MAX_TOTAL_BYTES) {
      throw new MssError('input', `${path}: more than ${MAX_FILES} rule files or ${MAX_TOTAL_BYTES} bytes of them`);
    }
    // the parser refuses what is too long, and says so where broken rules are listed
    texts.push({ file: relative(path, file), text: size > MAX_FILE_BYTES ? ' '.repeat(size) : readText(file) });
  }
  return texts;
}

/** The same for a person's folder, which need not be there. */
export const readOwnLogRuleTexts = (dir: string): LogRuleText[] => (isThere(dir) ? readLogRuleTexts(dir) : []);

/** What placeholders in rules stand for: placeholders.yaml in a person's folder. @throws MssError 'input' */
export function readPlaceholders(dir: string): Placeholders {
  const file = join(dir, PLACEHOLDERS_FILE);
  return isThere(file) ? parsePlaceholders(readText(file), file) : new Map();
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
