// Community id, version 1: one text for a conversation, the same in every tool and from both ends.
// https://github.com/corelight/community-id-spec
import { createHash } from 'node:crypto';
import { compareBytes, parseAddress } from './address.ts';
import { hasPorts, ICMP, ICMP6 } from './protocol-number.ts';
import type { Tuple } from './tuple.ts';

// request type -> reply type, both ways; a type in here makes a conversation, any other is one-way
const ICMP_PAIRS: Record<number, number> = { 8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17, 10: 9, 9: 10 };
const ICMP6_PAIRS: Record<number, number> = {
  128: 129,
  129: 128,
  133: 134,
  134: 133,
  135: 136,
  136: 135,
  130: 131,
  131: 130,
  144: 145,
  145: 144,
};

/**
 * The community id of a conversation. For ICMP the ports are the message's type and code.
 * @param seed 0..65535; must be the same wherever ids are compared (0 everywhere in this product).
 */
export function communityId(tuple: Tuple, seed = 0): string {
  const src = parseAddress(tuple.src);
  const dst = parseAddress(tuple.dst);
  let { srcPort, dstPort } = tuple;
  let oneWay = false;
  const pairs = tuple.proto === ICMP ? ICMP_PAIRS : tuple.proto === ICMP6 ? ICMP6_PAIRS : undefined;
  if (pairs !== undefined) {
    oneWay = pairs[srcPort] === undefined;
    if (!oneWay) dstPort = pairs[srcPort];
  }
  const order = compareBytes(src, dst);
  const asIs = oneWay || order < 0 || (order === 0 && srcPort <= dstPort);
  if (!asIs) [srcPort, dstPort] = [dstPort, srcPort];

  const hash = createHash('sha1');
  hash.update(uint16(seed));
  hash.update(asIs ? src : dst);
  hash.update(asIs ? dst : src);
  hash.update(Uint8Array.of(tuple.proto, 0));
  if (hasPorts(tuple.proto) || pairs !== undefined) {
    hash.update(uint16(srcPort));
    hash.update(uint16(dstPort));
  }
  return `1:${hash.digest('base64')}`;
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
