// Rule texts from disk: one file, a folder of *.rules, or a tarball. What the text says is src/rules' to read.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { MssError, messageOf } from '../errors.ts';
import { paths } from '../paths.ts';
import { readRuleTar } from '../rules/read-tar.ts';
import type { RuleText } from '../rules/rule-file.ts';

const MAX_BYTES = 256 << 20;

/**
 * Reads all rule texts of a file (`*.rules`), a folder or a tarball (`.tar`, `.tar.gz`, `.tgz`).
 * @throws MssError 'io' for what cannot be read, 'input' for a refused tarball or a folder without rules
 */
export async function readRuleTexts(path: string): Promise<RuleText[]> {
  try {
    const status = statSync(path);
    if (status.isDirectory()) {
      const names = readdirSync(path).filter((name) => name.endsWith('.rules'));
      if (names.length === 0) throw new MssError('input', `${path}: no *.rules file in this folder`);
      return names.sort().map((file) => ({ file, text: readFileSync(join(path, file), 'utf8') }));
    }
    if (status.size > MAX_BYTES) throw new MssError('input', `${path}: larger than ${MAX_BYTES} bytes`);
    if (/\.(tar|tar\.gz|tgz)$/.test(path)) return await readRuleTar(readFileSync(path), path);
    return [{ file: basename(path), text: readFileSync(path, 'utf8') }];
  } catch (cause) {
    if (cause instanceof MssError) throw cause;
    throw new MssError('io', `cannot read rules from ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** The rules that come with the sensor: in a release beside its services, in a checkout beside their source. */
export function shippedRulesDir(): string {
  if (!import.meta.url.endsWith('.ts')) return join(paths.currentRelease, 'rules');
  return resolve(import.meta.dirname, '../../services/ids/rules');
}
