// The pages' certificate: good for the machine's names, on a key that stays, renewed when it has to be.
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadCertificate } from '../../src/os/certificate.ts';

const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const NAMES = ['sensor-7', 'localhost', '127.0.0.1', '2001:db8::7'];
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'certificate-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('is good for all names and addresses, and stays the same while it is good', async () => {
  const first = await loadCertificate(dir, NAMES, NOW);
  const parsed = new X509Certificate(first.certificate);
  expect(parsed.checkHost('sensor-7')).toBe('sensor-7');
  expect(parsed.checkIP('2001:db8::7')).toBe('2001:db8::7');
  expect(parsed.fingerprint256).toBe(first.fingerprint);
  expect(parsed.ca).toBe(false);
  expect(parsed.verify(parsed.publicKey)).toBe(true);
  expect(statSync(join(dir, 'tls.key')).mode & 0o777).toBe(0o600);
  expect(await loadCertificate(dir, NAMES, NOW + 300 * DAY)).toEqual(first);
});

test('is renewed before it expires, for a new address and when torn, on the same key', async () => {
  const first = await loadCertificate(dir, NAMES, NOW);
  const late = await loadCertificate(dir, NAMES, NOW + 370 * DAY);
  expect(late.fingerprint).not.toBe(first.fingerprint);
  expect(late.key).toBe(first.key);
  expect(late.expiresMs).toBeGreaterThan(NOW + 700 * DAY);
  const moved = await loadCertificate(dir, [...NAMES, '192.0.2.77'], NOW + 370 * DAY);
  expect(new X509Certificate(moved.certificate).checkIP('192.0.2.77')).toBe('192.0.2.77');
  const file = join(dir, 'tls.crt');
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 100));
  const mended = await loadCertificate(dir, NAMES, NOW);
  expect(mended.key).toBe(first.key);
});
