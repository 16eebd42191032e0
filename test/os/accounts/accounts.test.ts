// Local accounts: their file and their passwords.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkAccountName, readAccounts, writeAccounts } from '../../../src/os/accounts/accounts-file.ts';
import { checkPassword, hashPassword, NO_PASSWORD, verifyPassword } from '../../../src/os/accounts/password-hash.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'accounts-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('a password fits its own hash only, in any Unicode form', async () => {
  const hash = await hashPassword('Grüße aus Köln');
  expect(hash).toMatch(/^scrypt\$32768\$8\$1\$/);
  expect(await verifyPassword('Gru\u0308ße aus Ko\u0308ln', hash)).toBe(true);
  expect(await verifyPassword('Grüße aus Köln ', hash)).toBe(false);
  expect(await verifyPassword('', NO_PASSWORD)).toBe(false);
  await expect(verifyPassword('x', 'scrypt$9999999$8$1$AAAAAAAAAAAAAAAAAAAAAA$')).rejects.toThrow(/damaged/);
});

test('weak passwords are refused with the reason', () => {
  expect(() => checkPassword('anna', 'short')).toThrow(/at least 10/);
  expect(() => checkPassword('anna', 'xxANNAxx2026')).toThrow(/name of the account/);
  expect(() => checkPassword('anna', 'aaaaaaaaaaaab')).toThrow(/repeat/);
  expect(() => checkPassword('anna', 'correct horse battery')).not.toThrow();
});

test('accounts come back as written, for root and the portal only', () => {
  const file = join(dir, 'portal', 'accounts.json');
  expect(readAccounts(file)).toEqual([]);
  const anna = { name: 'anna', hash: NO_PASSWORD, packets: true, createdMs: 1 };
  writeAccounts(file, [anna]);
  expect(readAccounts(file)).toEqual([anna]);
  expect(statSync(file).mode & 0o007).toBe(0);
});

test('a damaged file is named with the place', () => {
  const file = join(dir, 'accounts.json');
  writeFileSync(file, '{"accounts":[{"name":"a/b","hash":"","packets":true,"createdMs":1}]}');
  expect(() => readAccounts(file)).toThrow(/accounts\.json is damaged at accounts\.0\.name/);
  writeFileSync(file, '{');
  expect(() => readAccounts(file)).toThrow(/damaged/);
  expect(() => checkAccountName('../x')).toThrow(/must be letters/);
});
