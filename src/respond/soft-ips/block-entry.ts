// One entry of `respond.block`, a person's own block: "198.51.100.7", "2001:db8::/48 until 2026-11-25T10:00:00Z".
import { MssError } from '../../errors.ts';
import { type Cidr, formatCidr, parseCidr } from '../../net/cidr.ts';

export interface BlockEntry {
  target: Cidr;
  /** undefined: for good */
  untilMs?: number;
}

/** A slip of the finger ("0.0.0.0/0") must not cut off the world. */
const WIDEST_BITS = { 4: 8, 16: 16 } as const;

/** @throws MssError 'config' for what is no entry, or names too much */
export function parseBlockEntry(text: string): BlockEntry {
  const [, address, until] = /^(\S+)(?: until (\S+))?$/.exec(text.trim()) ?? [];
  const untilMs = until === undefined ? undefined : Date.parse(until);
  if (address === undefined || Number.isNaN(untilMs)) {
    throw new MssError('config', `"${text}" is no block; write ADDRESS, or ADDRESS until 2026-11-25T10:00:00Z`);
  }
  const target = parseCidr(address);
  const widest = WIDEST_BITS[target.network.length as 4 | 16];
  if (target.prefixBits < widest) {
    throw new MssError('config', `${address} is too wide to block; the widest is /${widest}`);
  }
  return { target, untilMs };
}

/** The entry as text again. */
export const renderBlockEntry = ({ target, untilMs }: BlockEntry): string =>
  `${renderTarget(target)}${untilMs === undefined ? '' : ` until ${new Date(untilMs).toISOString().replace('.000Z', 'Z')}`}`;

/** One address without its prefix, a block with it. */
export const renderTarget = (target: Cidr): string => {
  const text = formatCidr(target);
  return target.prefixBits === target.network.length * 8 ? text.slice(0, text.lastIndexOf('/')) : text;
};
