// For whom packets are encrypted, from the configuration. Pure, but for a trial of each key.
import { MssError, messageOf } from '../errors.ts';
import { parsePublicKey } from '../store/sealed/packet-keys.ts';
import { createSealedHeader, type Recipient } from '../store/sealed/sealed-header.ts';

/**
 * @param publicKeys as the configuration has them; none: nothing is encrypted.
 * @param writerKey this process's own public key: with the private half, which is in its memory alone, it can go on to
 *   read what it writes.
 * @throws MssError `config` for a key that nothing can be encrypted with: rather no packets than clear ones.
 */
export function planEncryption(publicKeys: readonly string[], writerKey: Uint8Array): Recipient[] {
  if (publicKeys.length === 0) return [];
  const recipients = publicKeys.map((text) => ({ publicKey: parsePublicKey(text), isWriter: false }));
  try {
    createSealedHeader(recipients);
  } catch (cause) {
    throw new MssError('config', `packetLog.encryptTo: a key cannot be used: ${messageOf(cause)}`, { cause });
  }
  return [...recipients, { publicKey: writerKey, isWriter: true }];
}
