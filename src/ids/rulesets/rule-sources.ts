// Where rules come from on a sensor: those shipped with it, tarballs and files a person imported, URLs fetched with
// their ETag and kept, and the person's own files. Later sources win over earlier ones of equal revision.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SensorConfig } from '../../config/sensor-config.ts';
import { MssError, messageOf } from '../../errors.ts';
import { readRuleTexts, shippedRulesDir } from '../../os/rule-files.ts';
import type { Paths } from '../../paths.ts';
import { readRuleTar } from '../../rules/read-tar.ts';
import { looksLikeRule } from '../../rules/rule.ts';
import type { RuleText } from '../../rules/rule-file.ts';
import { fetchCopy, findChangedMs, readCopy } from './fetched-copy.ts';
import { makeDir, rulesDir, writeForEngine } from './ruleset-store.ts';

export interface RuleSource {
  kind: 'shipped' | 'imported' | 'url' | 'local';
  /** path or URL */
  name: string;
  /** when its content last changed */
  updatedMs?: number;
}

const importedDir = (at: Paths): string => join(rulesDir(at), 'imported');

/** All sources, in the order in which they are merged. */
export function listRuleSources(at: Paths, config: SensorConfig): RuleSource[] {
  const files = (dir: string) =>
    existsSync(dir)
      ? readdirSync(dir)
          .filter((name) => /\.(rules|tar|tar\.gz|tgz)$/.test(name))
          .sort()
          .map((name) => ({ name: join(dir, name), updatedMs: statSync(join(dir, name)).mtimeMs }))
      : [];
  return [
    ...files(shippedRulesDir()).map((file) => ({ kind: 'shipped' as const, ...file })),
    ...config.ids.ruleUrls.map((name) => ({ kind: 'url' as const, name, updatedMs: findChangedMs(at, name) })),
    ...files(importedDir(at)).map((file) => ({ kind: 'imported' as const, ...file })),
    ...files(at.localRulesDir).map((file) => ({ kind: 'local' as const, ...file })),
  ];
}

/**
 * Reads every source. One that fails leaves its last good content in use, or is left out, with a warning.
 * @param options.fetch false: URLs are not asked, what was fetched last is used
 * @returns `asked`: every URL was asked and answered, so that the rules are as new as there are any
 */
export async function readRuleSources(
  at: Paths,
  config: SensorConfig,
  options: { fetch: boolean; warn: (text: string) => void },
): Promise<{ texts: RuleText[]; sources: string[]; asked: boolean }> {
  const texts: RuleText[] = [];
  const sources: string[] = [];
  let asked = true;
  for (const source of listRuleSources(at, config)) {
    try {
      if (source.kind === 'url') {
        const check = (bytes: Uint8Array) => checkFetched(source.name, bytes);
        const answered = options.fetch && (await fetchCopy(at, source.name, config.release.proxy, check, options.warn));
        asked &&= answered;
      }
      const found = source.kind === 'url' ? await readFetched(at, source.name) : await readRuleTexts(source.name);
      if (found === undefined) continue;
      texts.push(...found.map((text) => ({ ...text, local: source.kind === 'local' })));
      sources.push(source.name);
    } catch (error) {
      options.warn(`rule source ${source.name} is left out: ${messageOf(error)}`);
    }
  }
  return { texts, sources, asked };
}

/** A rule file or tarball that is to become a source. */
export interface RuleSourceFile {
  name: string;
  content: string | Uint8Array;
}

/**
 * Reads a rule file, a tarball or a folder of rule files, and looks whether that is what it is.
 * @returns the files to keep, and how many rule files are in them
 * @throws MssError 'input' or 'io' for what is no rule file or a refused tarball
 */
export async function readRuleSource(path: string): Promise<{ files: RuleSourceFile[]; ruleFiles: number }> {
  const texts = await readRuleTexts(path);
  if (statSync(path).isDirectory()) {
    return { files: texts.map(({ file, text }) => ({ name: file, content: text })), ruleFiles: texts.length };
  }
  const name = basename(path);
  if (!/\.(rules|tar|tar\.gz|tgz)$/.test(name)) {
    throw new MssError('usage', `${path}: a rule source is named *.rules, *.tar, *.tar.gz or *.tgz`);
  }
  return { files: [{ name, content: readFileSync(path) }], ruleFiles: texts.length };
}

/** Takes these files as sources from now on; those of the same names are replaced. @throws MssError 'io' */
export function importRuleSource(at: Paths, files: readonly RuleSourceFile[]): void {
  makeDir(importedDir(at));
  for (const { name, content } of files) writeForEngine(join(importedDir(at), name), content);
}

/** Forgets an imported source by its file name. @throws MssError 'not-found' */
export function removeRuleSource(at: Paths, name: string): void {
  const file = join(importedDir(at), basename(name));
  if (!existsSync(file)) throw new MssError('not-found', `no imported rule source ${name}; see mss rules sources`);
  rmSync(file);
}

const hasRule = ({ text }: RuleText): boolean =>
  text.split('\n').some((line) => looksLikeRule(line.replace(/^[#\s]+/, '')));

async function readFetched(at: Paths, url: string): Promise<RuleText[] | undefined> {
  const bytes = readCopy(at, url);
  return bytes === undefined ? undefined : await parseFetched(url, bytes);
}

/** Refused content must not replace what is good, nor the page of a proxy that wants a login. */
async function checkFetched(url: string, bytes: Uint8Array): Promise<void> {
  if (!(await parseFetched(url, bytes)).some(hasRule)) {
    throw new MssError('input', `${url}: not one rule in the answer`);
  }
}

async function parseFetched(url: string, bytes: Uint8Array): Promise<RuleText[]> {
  const path = new URL(url).pathname;
  if (/\.(tar|tar\.gz|tgz)$/.test(path)) return await readRuleTar(bytes, url);
  return [{ file: basename(path) || 'fetched.rules', text: Buffer.from(bytes).toString('utf8') }];
}
