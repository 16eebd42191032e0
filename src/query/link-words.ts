// tcpdump's words about the link and about groups of receivers, spelled out as comparisons of bytes.
import type { Arithmetic, Loadable } from './arithmetic.ts';
import type { Direction, Filter } from './filter.ts';
import { readNumber, refuse, type WordCursor } from './word-cursor.ts';

const ETHERTYPES: Readonly<Record<string, number>> = {
  ip: 0x0800,
  ip6: 0x86dd,
  arp: 0x0806,
  rarp: 0x8035,
  loopback: 0x9000,
};
/** IP protocols with a word of their own that no other word begins with. */
const IP_PROTOCOLS: Readonly<Record<string, number>> = { igmp: 2, igrp: 9, esp: 50, ah: 51, pim: 103, vrrp: 112 };
const ALLOWED = 'host MAC, src MAC, dst MAC, proto N, broadcast or multicast behind ether';

/** `igmp`, `esp`, ...: undefined where the word is none of them. */
export function ipProtocolWord(word: string): Filter | undefined {
  const proto = Object.hasOwn(IP_PROTOCOLS, word) ? IP_PROTOCOLS[word] : undefined;
  if (proto === undefined) return undefined;
  const number: Filter = { op: 'proto', proto };
  return proto === 50 || proto === 51 || proto === 103 ? number : and({ op: 'proto', proto: 'ip' }, number);
}

/** `broadcast` and `multicast`, of the link. */
export function groupWord(word: string): Filter | undefined {
  if (word === 'broadcast') return macIs('dst', 'ff:ff:ff:ff:ff:ff');
  return word === 'multicast' ? not(compare(and8('ether', 0, 1), '=', 0)) : undefined;
}

/** `ip multicast`, `ip6 multicast`; undefined where something else follows. */
export function ipGroupWord(proto: string, word: string): Filter | undefined {
  if (word !== 'multicast') return undefined;
  if (proto === 'ip') return compare(load('ip', 16, 1), '>=', 0xe0);
  return proto === 'ip6' ? compare(load('ip6', 24, 1), '=', 0xff) : undefined;
}

/** What stands behind `ether`. Throws `query`. */
export function parseEther(cursor: WordCursor): Filter {
  const word = cursor.take();
  const text = word.text.toLowerCase();
  const group = groupWord(text);
  if (group !== undefined) return group;
  if (text === 'proto') {
    const value = cursor.take();
    const name = value.text.toLowerCase().replace(/^\\/, '');
    const hex = /^0x[\da-f]{1,4}$/.test(name) ? Number(name) : undefined;
    const type = Object.hasOwn(ETHERTYPES, name)
      ? ETHERTYPES[name]
      : (hex ?? readNumber(value, 'an EtherType', 0xffff));
    return compare(load('ether', 12, 2), '=', type);
  }
  if (text !== 'host' && text !== 'src' && text !== 'dst') throw refuse(word, ALLOWED);
  if (text !== 'host' && cursor.peek().text.toLowerCase() === 'host') cursor.take();
  const mac = cursor.take();
  if (!/^([\da-f]{1,2}[:-]){5}[\da-f]{1,2}$/i.test(mac.text)) throw refuse(mac, 'a MAC address like 00:0c:29:3e:01:02');
  return text === 'host' ? or(macIs('src', mac.text), macIs('dst', mac.text)) : macIs(text, mac.text);
}

function macIs(dir: Exclude<Direction, 'either'>, mac: string): Filter {
  const bytes = mac.split(/[:-]/).map((part) => Number.parseInt(part, 16));
  const number = (...part: number[]) => part.reduce((sum, byte) => sum * 256 + byte, 0);
  const at = dir === 'dst' ? 0 : 6;
  return and(
    compare(load('ether', at, 4), '=', number(...bytes.slice(0, 4))),
    compare(load('ether', at + 4, 2), '=', number(...bytes.slice(4))),
  );
}

const and = (...terms: Filter[]): Filter => ({ op: 'and', terms });
const or = (...terms: Filter[]): Filter => ({ op: 'or', terms });
const not = (term: Filter): Filter => ({ op: 'not', term });
const number = (value: number): Arithmetic => ({ kind: 'number', value });
const load = (proto: Loadable, at: number, bytes: 1 | 2 | 4): Arithmetic => ({
  kind: 'load',
  proto,
  at: number(at),
  bytes,
});
const and8 = (proto: Loadable, at: number, mask: number): Arithmetic => ({
  kind: 'operation',
  sign: '&',
  left: load(proto, at, 1),
  right: number(mask),
});
const compare = (left: Arithmetic, relation: '=' | '>=', value: number): Filter => ({
  op: 'compare',
  left,
  relation,
  right: number(value),
});
