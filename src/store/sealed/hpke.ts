// Hybrid Public Key Encryption, RFC 9180, in the one form that is needed: base mode, a single message,
// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Its primitives are those of node:crypto.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

export const PUBLIC_KEY_BYTES = 32;
export const TAG_BYTES = 16;
const AEAD = 'aes-256-gcm';
const NONCE_BYTES = 12;
const KEM_SUITE = Buffer.from('KEM\x00\x20', 'latin1');
const SUITE = Buffer.from('HPKE\x00\x20\x00\x01\x00\x02', 'latin1');
const NOTHING = Buffer.alloc(0);

/** A message for the holder of one private key. */
export interface HpkeMessage {
  /** the sender's public key, made for this message alone */
  enc: Uint8Array;
  /** as long as the plain text, and TAG_BYTES */
  ciphertext: Uint8Array;
}

/**
 * Seals for the holder of a key (SealBase). Throws what node:crypto throws for a public key that is none.
 * @param ephemeral the sender's private key; given only to get a known answer.
 */
export function sealTo(
  publicKey: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plain: Uint8Array,
  ephemeral: KeyObject = generateKeyPairSync('x25519').privateKey,
): HpkeMessage {
  const enc = rawPublicKey(createPublicKey(ephemeral));
  const dh = diffieHellman({ privateKey: ephemeral, publicKey: importPublicKey(publicKey) });
  const { key, nonce } = deriveKey(dh, enc, publicKey, info);
  const cipher = createCipheriv(AEAD, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  return { enc, ciphertext: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]) };
}

/** Opens what was sealed to a key, given in both halves (OpenBase). Throws what node:crypto throws where it was sealed to another. */
export function openWith(
  { publicKey, privateKey }: { publicKey: Uint8Array; privateKey: KeyObject },
  info: Uint8Array,
  aad: Uint8Array,
  { enc, ciphertext }: HpkeMessage,
): Uint8Array {
  const dh = diffieHellman({ privateKey, publicKey: importPublicKey(enc) });
  const { key, nonce } = deriveKey(dh, enc, publicKey, info);
  const decipher = createDecipheriv(AEAD, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final()]);
}

/** The 32 bytes of a public X25519 key (RFC 7748). */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
}

function importPublicKey(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
}

/** Sections 4.1 (ExtractAndExpand) and 5.1 (KeySchedule with neither PSK nor its id). */
function deriveKey(
  dh: Uint8Array,
  enc: Uint8Array,
  publicKey: Uint8Array,
  info: Uint8Array,
): { key: Uint8Array; nonce: Uint8Array } {
  const kemKey = extract(KEM_SUITE, NOTHING, 'eae_prk', dh);
  const shared = expand(KEM_SUITE, kemKey, 'shared_secret', Buffer.concat([enc, publicKey]), 32);
  const context = Buffer.concat([
    Buffer.of(0), // mode_base
    extract(SUITE, NOTHING, 'psk_id_hash', NOTHING),
    extract(SUITE, NOTHING, 'info_hash', info),
  ]);
  const secret = extract(SUITE, shared, 'secret', NOTHING);
  return {
    key: expand(SUITE, secret, 'key', context, 32),
    nonce: expand(SUITE, secret, 'base_nonce', context, NONCE_BYTES),
  };
}

/** LabeledExtract. */
function extract(suite: Buffer, salt: Uint8Array, label: string, input: Uint8Array): Buffer {
  return createHmac('sha256', salt).update('HPKE-v1').update(suite).update(label).update(input).digest();
}

/** LabeledExpand, for what one round of HMAC gives: 32 bytes at most. */
function expand(suite: Buffer, key: Uint8Array, label: string, info: Uint8Array, bytes: number): Buffer {
  const hmac = createHmac('sha256', key).update(Buffer.of(0, bytes)).update('HPKE-v1').update(suite).update(label);
  return hmac.update(info).update(Buffer.of(1)).digest().subarray(0, bytes);
}
