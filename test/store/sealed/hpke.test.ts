// HPKE against known answers, and against damage.
import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { HpkeReceiver, HpkeSender } from '../../../src/store/sealed/hpke.ts';
import { createPacketKey } from '../../../src/store/sealed/packet-keys.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
/** What PKCS #8 has before the 32 bytes of a private X25519 key (RFC 8410). */
const PKCS8 = '302e020100300506032b656e04220420';
const privateKey = (raw: string) =>
  createPrivateKey({ key: Buffer.from(PKCS8 + raw, 'hex'), format: 'der', type: 'pkcs8' });

test('the published test vector of DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM in base mode', () => {
  const sender = new HpkeSender(
    hex('ac66bae9ffa270cf4a89ed9f274e30c0456babae2572aaaf002ff0d8884ab018'),
    hex('4f6465206f6e2061204772656369616e2055726e'),
    privateKey('28e212563a8b6f068af7ff17400ff1baf23612b7a738bbaf5dfb321b2b5b431a'),
  );
  const { ciphertext } = sender.seal(Buffer.from('Count-0'), Buffer.from('Beauty is truth, truth beauty'));
  expect(Buffer.from(ciphertext).toString('hex')).toBe(
    '23ded2d5d90ea89d975dac4792b297240f194952d7421aacbff0474100052b6bb8aa58d18ef6c42b6960e2e28f',
  );
});

test('opens with the right key, and with the same info, associated data and number only, in any order', () => {
  const [mine, other] = [createPacketKey(), createPacketKey()];
  const [info, aad] = [Buffer.from('info'), Buffer.from('aad')];
  const sender = new HpkeSender(mine.publicKey, info);
  const messages = Array.from({ length: 300 }, (_, i) => sender.seal(aad, Buffer.from(`data key ${i}`)));
  expect(new Set(messages.map(({ ciphertext }) => Buffer.from(ciphertext).toString('hex'))).size).toBe(300);
  const receiver = new HpkeReceiver(mine, info, sender.enc);
  for (const [i, message] of [...messages.entries()].reverse()) {
    expect(message.sequence).toBe(i);
    expect(Buffer.from(receiver.open(aad, message)).toString()).toBe(`data key ${i}`);
  }
  const [message] = messages;
  expect(() => new HpkeReceiver(other, info, sender.enc).open(aad, message)).toThrow();
  expect(() => new HpkeReceiver(mine, Buffer.from('other'), sender.enc).open(aad, message)).toThrow();
  expect(() => receiver.open(Buffer.from('other'), message)).toThrow();
  expect(() => receiver.open(aad, { ...message, sequence: 1 })).toThrow();
  for (let i = 0; i < message.ciphertext.length; i++) {
    const ciphertext = message.ciphertext.slice();
    ciphertext[i] ^= 1;
    expect(() => receiver.open(aad, { ...message, ciphertext })).toThrow();
  }
});

test('a public key of low order, which everybody knows the secret of, is refused', () => {
  expect(() => new HpkeSender(new Uint8Array(32), Buffer.from(''))).toThrow();
});
