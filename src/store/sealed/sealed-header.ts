// The first page of an encrypted file (sealed-format.ts): the key that the file is encrypted with, wrapped for everyone
// who may read it.
//   block   type, length, version, number of wraps; for each: whose it is, number of the message, public key, sender's
//           key, wrapped key; length
// A writer sets out once for each reader, and sends a message for each file: setting out costs a hundred times as much.
import { randomBytes } from 'node:crypto';
import { MssError } from '../../errors.ts';
import { paddingBlock, sectionHeaderBlock } from '../../pcap/write-pcapng.ts';
import { type HpkeMessage, HpkeReceiver, HpkeSender, PUBLIC_KEY_BYTES, TAG_BYTES } from './hpke.ts';
import { keyId, type PacketKey } from './packet-keys.ts';
import { PAGE_BYTES } from './sealed-format.ts';

const KEYS_BLOCK = 0x80000b1f;
const VERSION = 1;
const KEY_BYTES = 32;
const WRAP_BYTES = 8 + 2 * PUBLIC_KEY_BYTES + KEY_BYTES + TAG_BYTES;
const FIRST_BLOCK_AT = 28;
const PURPOSE = Buffer.from('mss encrypted segment 1');
const NO_AAD = new Uint8Array(0);
/** A process writes for a handful of readers, and a store was written by some hundred processes. */
const MOST_PEERS = 1024;

/** of this thread, by the readers' public keys */
const senders = new Map<string, HpkeSender>();
/** by the readers' keys, then by the senders' */
const receivers = new WeakMap<PacketKey, Map<string, HpkeReceiver>>();

/** Who may read a file. */
export interface Recipient {
  publicKey: Uint8Array;
  /** the writer itself while it runs: nobody can be asked for this key */
  isWriter: boolean;
}

interface Wrap extends Recipient {
  enc: Uint8Array;
  message: HpkeMessage;
}

/** What the first page of an encrypted file says. */
export interface SealedHeader {
  wraps: Wrap[];
}

/** A new key for one file, and the file's first page. Throws what node:crypto throws for a bad public key. */
export function createSealedHeader(recipients: readonly Recipient[]): { key: Uint8Array; page: Uint8Array } {
  const key = randomBytes(KEY_BYTES);
  const block = Buffer.alloc(16 + recipients.length * WRAP_BYTES + 4);
  for (const [i, value] of [KEYS_BLOCK, block.length, VERSION, recipients.length].entries()) {
    block.writeUInt32LE(value, i * 4);
  }
  for (const [i, { publicKey, isWriter }] of recipients.entries()) {
    const sender = findPeer(senders, publicKey, () => new HpkeSender(publicKey, PURPOSE));
    const { sequence, ciphertext } = sender.seal(NO_AAD, key);
    const at = 16 + i * WRAP_BYTES;
    block.writeUInt32LE(isWriter ? 1 : 0, at);
    block.writeUInt32LE(sequence, at + 4);
    block.set(Buffer.concat([publicKey, sender.enc, ciphertext]), at + 8);
  }
  block.writeUInt32LE(block.length, block.length - 4);
  const section = sectionHeaderBlock(`Encrypted for ${nameKeys(recipients)}: mss packets --key FILE reads it`);
  const padding = paddingBlock(PAGE_BYTES - section.length - block.length);
  return { key, page: Buffer.concat([section, block, padding]) };
}

/** Reads a first page; undefined where it is none of an encrypted file. Throws MssError `store` where it is damaged. */
export function parseSealedHeader(page: Uint8Array): SealedHeader | undefined {
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  if (page.length < PAGE_BYTES || view.getUint32(0, true) !== 0x0a0d0d0a) return undefined;
  const at = view.getUint32(4, true);
  if (at < FIRST_BLOCK_AT || at + 16 > PAGE_BYTES || view.getUint32(at, true) !== KEYS_BLOCK) return undefined;
  const [version, count] = [view.getUint32(at + 8, true), view.getUint32(at + 12, true)];
  if (version !== VERSION)
    throw new MssError('store', `encrypted in version ${version}, which this release cannot read`);
  if (at + 20 + count * WRAP_BYTES > PAGE_BYTES) throw new MssError('store', 'the header of encryption is damaged');
  const wraps = Array.from({ length: count }, (_, i) => {
    const from = at + 16 + i * WRAP_BYTES;
    const part = (offset: number, bytes: number) => page.slice(from + offset, from + offset + bytes);
    return {
      isWriter: view.getUint32(from, true) === 1,
      publicKey: part(8, PUBLIC_KEY_BYTES),
      enc: part(8 + PUBLIC_KEY_BYTES, PUBLIC_KEY_BYTES),
      message: {
        sequence: view.getUint32(from + 4, true),
        ciphertext: part(8 + 2 * PUBLIC_KEY_BYTES, KEY_BYTES + TAG_BYTES),
      },
    };
  });
  return { wraps };
}

/** Whether one of these keys opens the file. */
export function isFor({ wraps }: SealedHeader, keys: readonly PacketKey[]): boolean {
  return wraps.some((wrap) => keys.some(({ publicKey }) => Buffer.compare(publicKey, wrap.publicKey) === 0));
}

/** Ids of the keys that people have. */
export function recipientIds(recipients: readonly Recipient[]): string[] {
  return recipients.filter(({ isWriter }) => !isWriter).map(({ publicKey }) => keyId(publicKey));
}

/** The same in words. */
export function nameKeys(recipients: readonly Recipient[]): string {
  const ids = recipientIds(recipients);
  return ids.length === 1 ? `key ${ids[0]}` : `one of the keys ${ids.join(', ')}`;
}

/**
 * The file's key, by one of these private keys; undefined where none of them is for it.
 * @throws MssError `store` where the wrapped key is damaged.
 */
export function openSealedHeader({ wraps }: SealedHeader, keys: readonly PacketKey[]): Uint8Array | undefined {
  for (const key of keys) {
    const wrap = wraps.find((one) => Buffer.compare(one.publicKey, key.publicKey) === 0);
    if (wrap === undefined) continue;
    try {
      return receiverFor(key, wrap.enc).open(NO_AAD, wrap.message);
    } catch (cause) {
      throw new MssError('store', `the key of the file, wrapped for ${keyId(key.publicKey)}, is damaged`, { cause });
    }
  }
  return undefined;
}

function receiverFor(key: PacketKey, enc: Uint8Array): HpkeReceiver {
  let peers = receivers.get(key);
  if (peers === undefined) {
    peers = new Map();
    receivers.set(key, peers);
  }
  return findPeer(peers, enc, () => new HpkeReceiver(key, PURPOSE, enc));
}

function findPeer<T>(peers: Map<string, T>, publicKey: Uint8Array, setOut: () => T): T {
  const name = Buffer.from(publicKey).toString('latin1');
  let peer = peers.get(name);
  if (peer === undefined) {
    peer = setOut();
    if (peers.size >= MOST_PEERS) peers.clear();
    peers.set(name, peer);
  }
  return peer;
}
