// Hybrid Public Key Encryption, RFC 9180, in the one form that is needed: base mode, fewer than 2^32 messages,
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

/** One of the messages that a sender has for the holder of a private key, numbered from 0. */
export interface HpkeMessage {
  sequence: number;
  /** as long as the plain text, and TAG_BYTES */
  ciphertext: Uint8Array;
}

/** Seals message after message for the holder of one private key. */
export class HpkeSender {
  /** this sender's public key, which the other end needs */
  readonly enc: Uint8Array;
  readonly #context: HpkeContext;
  #next = 0;

  /**
   * SetupBaseS.
   * @param ephemeral the sender's private key; given only to get a known answer.
   * @throws what node:crypto throws for a public key that is none.
   */
  constructor(
    publicKey: Uint8Array,
    info: Uint8Array,
    ephemeral: KeyObject = generateKeyPairSync('x25519').privateKey,
  ) {
    this.enc = rawPublicKey(createPublicKey(ephemeral));
    const dh = diffieHellman({ privateKey: ephemeral, publicKey: importPublicKey(publicKey) });
    this.#context = deriveContext(dh, this.enc, publicKey, info);
  }

  /** Context.Seal */
  seal(aad: Uint8Array, plain: Uint8Array): HpkeMessage {
    const sequence = this.#next++;
    const cipher = createCipheriv(AEAD, this.#context.key, nonceOf(this.#context, sequence), {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(aad);
    return { sequence, ciphertext: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]) };
  }
}

/** Opens the messages of one sender, in any order. */
export class HpkeReceiver {
  readonly #context: HpkeContext;

  /** SetupBaseR. @param key both halves. Throws what node:crypto throws for a sender's key that is none. */
  constructor(
    { publicKey, privateKey }: { publicKey: Uint8Array; privateKey: KeyObject },
    info: Uint8Array,
    enc: Uint8Array,
  ) {
    const dh = diffieHellman({ privateKey, publicKey: importPublicKey(enc) });
    this.#context = deriveContext(dh, enc, publicKey, info);
  }

  /** Context.Open. Throws what node:crypto throws where it is not what was sealed for this key. */
  open(aad: Uint8Array, { sequence, ciphertext }: HpkeMessage): Uint8Array {
    const decipher = createDecipheriv(AEAD, this.#context.key, nonceOf(this.#context, sequence), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(aad);
    decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final()]);
  }
}

interface HpkeContext {
  key: Uint8Array;
  baseNonce: Uint8Array;
}

/** ComputeNonce */
function nonceOf({ baseNonce }: HpkeContext, sequence: number): Uint8Array {
  const nonce = Buffer.from(baseNonce);
  nonce.writeUInt32BE((nonce.readUInt32BE(NONCE_BYTES - 4) ^ sequence) >>> 0, NONCE_BYTES - 4);
  return nonce;
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
function deriveContext(dh: Uint8Array, enc: Uint8Array, publicKey: Uint8Array, info: Uint8Array): HpkeContext {
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
    baseNonce: expand(SUITE, secret, 'base_nonce', context, NONCE_BYTES),
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
