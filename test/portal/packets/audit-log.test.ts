import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openAuditLog } from '../../../src/portal/packets/audit-log.ts';

let dir: string;
let journal: string[];
beforeEach(() => {
  journal = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => journal.push(String(text)) > 0);
  dir = mkdtempSync(join(tmpdir(), 'mss-audit-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true });
});

test('a full file becomes the older half; the log never has a third', () => {
  const file = join(dir, 'audit.log');
  const audit = openAuditLog(file);
  for (const first of ['a', 'b']) {
    writeFileSync(file, first.repeat(5e6));
    audit({ what: 'login', account: 'anna', from: '192.0.2.1' });
    expect(readFileSync(`${file}.1`, 'utf8')[0]).toBe(first);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ what: 'login', account: 'anna' });
  }
  expect(existsSync(`${file}.2`)).toBe(false);
});

test('refused logins, however many, push no download out; a name with a line break stays one line', () => {
  const file = join(dir, 'audit.log');
  const audit = openAuditLog(file);
  audit({ what: 'packets-done', account: 'anna', flow: 'f', bytes: 1, result: 'whole' });
  const before = statSync(file).size;
  for (let i = 0; i < 3; i++) audit({ what: 'login-refused', account: 'x\n{"what":"login"}', from: '192.0.2.1' });
  expect(statSync(file).size).toBe(before);
  expect(readFileSync(`${file}.refused`, 'utf8').trim().split('\n')).toHaveLength(3);
  expect(journal).toEqual([expect.stringMatching(/^audit: .*"what":"packets-done"/)]);
});

test('what cannot be written is an error, so that what it is about does not happen', () => {
  expect(() => openAuditLog(join(dir, 'none/audit.log'))({ what: 'logout', account: 'a', from: 'b' })).toThrow(
    /cannot write the audit log/,
  );
});
