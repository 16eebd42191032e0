// HPKE against known answers, and against damage.
import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { openWith, sealTo } from '../../../src/store/sealed/hpke.ts';
import { createPacketKey } from '../../../src/store/sealed/packet-keys.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
/** What PKCS #8 has before the 32 bytes of a private X25519 key (RFC 8410). */
const PKCS8 = '302e020100300506032b656e04220420';
const privateKey = (raw: string) =>
  createPrivateKey({ key: Buffer.from(PKCS8 + raw, 'hex'), format: 'der', type: 'pkcs8' });

test('the published test vector of DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM in base mode', () => {
  const { ciphertext } = sealTo(
    hex('ac66bae9ffa270cf4a89ed9f274e30c0456babae2572aaaf002ff0d8884ab018'),
    hex('4f6465206f6e2061204772656369616e2055726e'),
    Buffer.from('Count-0'),
    Buffer.from('Beauty is truth, truth beauty'),
    privateKey('28e212563a8b6f068af7ff17400ff1baf23612b7a738bbaf5dfb321b2b5b431a'),
  );
  expect(Buffer.from(ciphertext).toString('hex')).toBe(
    '23ded2d5d90ea89d975dac4792b297240f194952d7421aacbff0474100052b6bb8aa58d18ef6c42b6960e2e28f',
  );
});

test('opens with the right key, and with the same info and associated data only', () => {
  const [mine, other] = [createPacketKey(), createPacketKey()];
  const [info, aad] = [Buffer.from('info'), Buffer.from('aad')];
  const message = sealTo(mine.publicKey, info, aad, Buffer.from('the data key'));
  expect(Buffer.from(openWith(mine, info, aad, message)).toString()).toBe('the data key');
  expect(() => openWith(other, info, aad, message)).toThrow();
  expect(() => openWith(mine, Buffer.from('other'), aad, message)).toThrow();
  expect(() => openWith(mine, info, Buffer.from('other'), message)).toThrow();
  for (let i = 0; i < message.ciphertext.length; i++) {
    const ciphertext = message.ciphertext.slice();
    ciphertext[i] ^= 1;
    expect(() => openWith(mine, info, aad, { ...message, ciphertext })).toThrow();
  }
});

test('a public key of low order, which everybody knows the secret of, is refused', () => {
  expect(() => sealTo(new Uint8Array(32), Buffer.from(''), Buffer.from(''), Buffer.from('x'))).toThrow();
});
