// The local accounts of the pages: one JSON file that root writes and only the portal may read.
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { MssError, messageOf } from '../../errors.ts';
import { writeFileAtomic } from '../atomic-file.ts';
import { findGroupId } from '../unix-names.ts';

const AccountSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, 'must be letters, digits and . _ @ -')),
  hash: v.pipe(v.string(), v.maxLength(300)),
  /** may download packets */
  packets: v.boolean(),
  createdMs: v.pipe(v.number(), v.integer()),
});
const AccountsSchema = v.strictObject({ accounts: v.pipe(v.array(AccountSchema), v.maxLength(1000)) });

export type Account = v.InferOutput<typeof AccountSchema>;

/** All accounts; none when there is no file yet. @throws MssError 'input' naming file and place, 'io' */
export function readAccounts(file: string): Account[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new MssError('io', `cannot read ${file}: ${messageOf(cause)}; accounts are made by root`, { cause });
  }
  try {
    return v.parse(AccountsSchema, JSON.parse(text)).accounts;
  } catch (cause) {
    const issue = cause instanceof v.ValiError ? ` at ${v.getDotPath(cause.issues[0]) ?? 'the top'}` : '';
    throw new MssError('input', `${file} is damaged${issue}: ${messageOf(cause)}`, { cause });
  }
}

/** Whether an account name is well formed. @throws MssError 'usage' */
export function checkAccountName(name: string): void {
  const result = v.safeParse(AccountSchema.entries.name, name);
  if (!result.success) throw new MssError('usage', `account name "${name}" ${result.issues[0].message}`);
}

/**
 * Replaces the file. On a sensor it belongs to root and may be read by the portal's group.
 * @throws MssError 'io'
 */
export function writeAccounts(file: string, accounts: readonly Account[]): void {
  if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  writeFileAtomic(file, `${JSON.stringify({ accounts }, undefined, 2)}\n`, { mode: 0o640, groupId: portalGroup() });
}

/** Says when the file was last changed, so that a reader need not parse it again and again. */
export function accountsVersion(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function portalGroup(): number | undefined {
  if (process.getuid?.() !== 0) return undefined;
  try {
    return findGroupId('mss-portal');
  } catch {
    return undefined; // a developer's machine
  }
}
