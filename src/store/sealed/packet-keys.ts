// The operator's keys: a public one in the configuration, for which capture encrypts, and the private one that opens
// what was written. X25519; the private key is an ordinary PEM file, as openssl makes and reads it.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { MssError, messageOf } from '../../errors.ts';
import { PUBLIC_KEY_BYTES, rawPublicKey } from './hpke.ts';

/** A private key with its public half. */
export interface PacketKey {
  publicKey: Uint8Array;
  privateKey: KeyObject;
}

/** A new pair. */
export function createPacketKey(): PacketKey {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return { publicKey: rawPublicKey(publicKey), privateKey };
}

/** The private key as PEM (PKCS #8). */
export function renderPrivateKey({ privateKey }: PacketKey): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/**
 * Reads a private key out of the text of its PEM file.
 * @param where what to call the file in errors.
 * @throws MssError `usage` where it is none, or one of another kind.
 */
export function parsePrivateKey(pem: string, where: string): PacketKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch (cause) {
    throw new MssError('usage', `${where} is no private key in PEM: ${messageOf(cause)}`, { cause });
  }
  if (privateKey.asymmetricKeyType !== 'x25519') {
    const kind = privateKey.asymmetricKeyType ?? 'unknown';
    throw new MssError('usage', `${where} is a key of the kind ${kind}, and not X25519: "mss key new" makes one`);
  }
  return { publicKey: rawPublicKey(createPublicKey(privateKey)), privateKey };
}

/** A public key as the configuration has it: base64 of its 32 bytes. */
export function renderPublicKey(publicKey: Uint8Array): string {
  return Buffer.from(publicKey).toString('base64');
}

/** Throws MssError `config`. */
export function parsePublicKey(text: string): Uint8Array {
  const key = Buffer.from(text, 'base64');
  if (key.length === PUBLIC_KEY_BYTES && key.toString('base64') === text) return key;
  throw new MssError('config', `packetLog.encryptTo: "${text}" is no public key: "mss key new" prints one`);
}

/** What people and messages call a key: the first 8 bytes of its SHA-256 digest, in hex. */
export function keyId(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
}
