// The certificate that log senders see, read from the files that the configuration names.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type TlsOptions } from 'node:tls';
import { MssError, messageOf } from '../../errors.ts';

/**
 * From TLS 1.2 on, which all syslog over TLS has to know (RFC 9662). TLS 1.3 only where OpenSSL was told by its
 * configuration file to send no session tickets, which node has no option for: a sender that closes without having read
 * them resets the connection. What it had sent last is gone then; loggen loses half of 2000 messages that way.
 */
const planVersions = () => ({ minVersion: 'TLSv1.2', maxVersion: ticketsAreOff() ? 'TLSv1.3' : 'TLSv1.2' }) as const;

function ticketsAreOff(): boolean {
  try {
    return /^NumTickets *= *0$/m.test(readFileSync(process.env.OPENSSL_CONF ?? '', 'utf8'));
  } catch {
    return false; // OpenSSL passes over a file that is not there
  }
}

export interface TlsFiles {
  /** PEM: the certificate, with those that lead to its root behind it */
  certificate: string;
  /** PEM, without a password */
  key: string;
  /** PEM: who signed the senders' certificates; empty: senders need none */
  clientCa: string;
  /** senders without TLS are refused */
  only: boolean;
}

export interface TlsSetup {
  options: TlsOptions;
  only: boolean;
}

/** @throws MssError 'config' naming the file that is no good */
export function readTlsSetup(files: TlsFiles): TlsSetup {
  const cert = readPem(files.certificate, 'logs.tlsCertificate', (text) => new X509Certificate(text));
  const key = readPem(files.key, 'logs.tlsKey', createPrivateKey);
  const ca =
    files.clientCa === ''
      ? undefined
      : readPem(files.clientCa, 'logs.tlsClientCa', (text) => new X509Certificate(text));
  const versions = planVersions();
  const options: TlsOptions = {
    cert,
    key,
    ca,
    requestCert: ca !== undefined,
    rejectUnauthorized: ca !== undefined,
    ...versions,
  };
  try {
    createSecureContext({ cert, key, ca, ...versions });
  } catch (cause) {
    throw new MssError(
      'config',
      `logs.tlsCertificate ${files.certificate} and logs.tlsKey ${files.key} do not go together: ${messageOf(cause)}`,
      { cause },
    );
  }
  return { options, only: files.only };
}

function readPem(file: string, key: string, check: (text: string) => unknown): string {
  try {
    const text = readFileSync(file, 'utf8');
    check(text);
    return text;
  } catch (cause) {
    throw new MssError('config', `${key}: ${file || 'no file is named'}: ${messageOf(cause)}`, { cause });
  }
}
