// The certificate of this machine's pages: self-signed, on a key that stays, made anew before it expires or when the
// machine's names and addresses changed. X.509: RFC 5280; lengths that browsers accept: CA/Browser Forum, 6.3.2.
import 'reflect-metadata';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { MssError, messageOf } from '../errors.ts';
import { canonicalAddress, parseAddressOrNothing } from '../net/address.ts';
import { writeFileAtomic } from './atomic-file.ts';

const DAY_MS = 86_400_000;
const VALID_DAYS = 397;
const RENEW_DAYS = 30;
/** clocks of browsers may be behind */
const BACKDATED_DAYS = 1;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

export interface Certificate {
  /** PEM, PKCS#8 */
  key: string;
  /** PEM */
  certificate: string;
  /** SHA-256 of the certificate as browsers show it: AB:CD:... */
  fingerprint: string;
  expiresMs: number;
}

/** Names and addresses under which this machine may be opened. */
export function machineNames(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address)
    .filter((address) => !address.startsWith('fe80:'));
  return [...new Set([hostname(), 'localhost', ...addresses])].sort();
}

/**
 * The certificate in `dir` (tls.key, tls.crt), made or renewed where needed.
 * @param names DNS names and addresses it has to be good for
 * @throws MssError 'io'
 */
export async function loadCertificate(dir: string, names: readonly string[], nowMs: number): Promise<Certificate> {
  const keyFile = join(dir, 'tls.key');
  const certificateFile = join(dir, 'tls.crt');
  try {
    const key = loadKey(keyFile);
    const present = existsSync(certificateFile) ? readFileSync(certificateFile, 'utf8') : undefined;
    if (present !== undefined && isGood(present, key, names, nowMs)) return describe(key, present);
    const certificate = await makeCertificate(key, names, nowMs);
    writeFileAtomic(certificateFile, certificate, { mode: 0o644 });
    return describe(key, certificate);
  } catch (cause) {
    throw new MssError('io', `the certificate in ${dir} cannot be had: ${messageOf(cause)}`, { cause });
  }
}

function loadKey(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8');
  mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  writeFileAtomic(file, key, { mode: 0o600 });
  return key;
}

function isGood(pem: string, key: string, names: readonly string[], nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(pem);
    return (
      certificate.checkPrivateKey(createPrivateKey(key)) &&
      certificate.validToDate.getTime() - nowMs > RENEW_DAYS * DAY_MS &&
      certificate.validFromDate.getTime() <= nowMs &&
      names.every((name) => goodFor(certificate, name))
    );
  } catch {
    return false; // torn or no certificate at all: a new one is made
  }
}

function goodFor(certificate: X509Certificate, name: string): boolean {
  const address = parseAddressOrNothing(name) !== undefined;
  return (address ? certificate.checkIP(name) : certificate.checkHost(name, { subject: 'never' })) !== undefined;
}

async function makeCertificate(key: string, names: readonly string[], nowMs: number): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const privateKey = createPrivateKey(key);
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const keys = {
    privateKey: await crypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), algorithm, false, ['sign']),
    publicKey: await crypto.subtle.importKey('spki', new Uint8Array(spki), algorithm, true, ['verify']),
  };
  const alternatives = names.map((name) =>
    parseAddressOrNothing(name) === undefined
      ? ({ type: 'dns', value: name } as const)
      : ({ type: 'ip', value: canonicalAddress(name) } as const),
  );
  const serial = randomBytes(16);
  serial[0] &= 0x7f; // a positive number (RFC 5280, 4.1.2.2)
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial.toString('hex'),
    name: [{ CN: [(names.find((name) => parseAddressOrNothing(name) === undefined) ?? 'sensor').slice(0, 64)] }],
    notBefore: new Date(nowMs - BACKDATED_DAYS * DAY_MS),
    notAfter: new Date(nowMs + VALID_DAYS * DAY_MS),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new SubjectAlternativeNameExtension(alternatives),
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([SERVER_AUTH]),
    ],
  });
  return `${made.toString('pem')}\n`;
}

function describe(key: string, certificate: string): Certificate {
  const parsed = new X509Certificate(certificate);
  const hash = createHash('sha256').update(parsed.raw).digest('hex').toUpperCase();
  return {
    key,
    certificate,
    fingerprint: hash.match(/../g)!.join(':'),
    expiresMs: parsed.validToDate.getTime(),
  };
}
