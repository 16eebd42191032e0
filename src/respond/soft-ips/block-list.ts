// The blocks in force. A rule's block begins narrow, one outside address towards one host; what comes back again and
// again is widened, up to a bound, so that forged source addresses cannot talk us into cutting off a third party.
// Pure: time is the caller's.
import type { BlockRequest } from '../../api/block.ts';
import { parseAddress } from '../../net/address.ts';
import { type Cidr, cidrContains, parseCidr } from '../../net/cidr.ts';
import { type BlockEntry, renderTarget } from './block-entry.ts';

export interface Block {
  target: Cidr;
  /** only between target and this address */
  host?: string;
  why: string;
  /** undefined: until a person takes it away */
  untilMs?: number;
  byPerson: boolean;
}

/** What the kernel's filter has room for: 4096 instructions, 26 an IPv6 block. */
export const MAX_BLOCKS = 150;
/** an address that went for this many of our hosts is cut off from all of them */
const HOSTS_BEFORE_ALL = 3;
/** neighbours are blocked together no wider than this, and no more than so many times */
const WIDENED_BITS = { 4: 24, 16: 64 } as const;
const MAX_WIDENED = 16;

export type Asked = 'new' | 'extended' | 'full';

export class BlockList {
  #blocks: Block[];

  /** @param blocks kept by an earlier list */
  constructor(blocks: readonly Block[] = []) {
    this.#blocks = [...blocks];
  }

  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  /** Puts a person's entries in place of those before. */
  setPersons(entries: readonly BlockEntry[]): void {
    const persons = entries.map(({ target, untilMs }) => ({ target, untilMs, why: 'a person', byPerson: true }));
    this.#blocks = [...persons, ...this.#blocks.filter(({ byPerson }) => !byPerson)].slice(0, MAX_BLOCKS);
  }

  /**
   * Takes a request. One that is in force already only lasts longer.
   * @param widenAfter neighbours that have to be blocked before their network is; 0: never
   * @returns 'full' when there is no room: the request is lost
   * @throws MssError 'network' for a remote that is no address
   */
  ask({ remote, host, minutes, why }: BlockRequest, nowMs: number, widenAfter: number): Asked {
    const target = parseCidr(remote);
    const untilMs = nowMs + minutes * 60_000;
    const isSame = (block: Block) =>
      covers(block.target, target) && (block.host === undefined || block.host === host) && !block.byPerson;
    const standing = this.#blocks.find(isSame);
    if (standing !== undefined) {
      standing.untilMs = Math.max(standing.untilMs ?? 0, untilMs);
      return 'extended';
    }
    const same = this.#blocks.filter((block) => !block.byPerson && covers(target, block.target));
    const block: Block = { target, host, why, untilMs, byPerson: false };
    if (same.length + 1 >= HOSTS_BEFORE_ALL) {
      this.#blocks = this.#blocks.filter((other) => !same.includes(other));
      block.host = undefined;
    }
    this.#widen(block, widenAfter);
    if (this.#blocks.length >= MAX_BLOCKS) return 'full';
    this.#blocks.push(block);
    return 'new';
  }

  #widen(block: Block, widenAfter: number): void {
    const bits = WIDENED_BITS[block.target.network.length as 4 | 16];
    if (widenAfter === 0 || block.target.prefixBits <= bits) return;
    const network = parseCidr(`${renderTarget(block.target).split('/')[0]}/${bits}`);
    const isWidened = ({ target, byPerson }: Block) =>
      !byPerson && target.prefixBits === WIDENED_BITS[target.network.length as 4 | 16];
    const neighbours = this.#blocks.filter(({ target, byPerson }) => !byPerson && covers(network, target));
    const known = new Set(neighbours.map(({ target }) => renderTarget(target)));
    if (known.size + 1 < widenAfter || this.#blocks.filter(isWidened).length >= MAX_WIDENED) return;
    this.#blocks = this.#blocks.filter((other) => !neighbours.includes(other));
    Object.assign(block, { target: network, host: undefined });
  }

  /** Takes out what has ended, and answers it. */
  expire(nowMs: number): Block[] {
    const over = this.#blocks.filter(({ untilMs }) => untilMs !== undefined && untilMs <= nowMs);
    if (over.length > 0) this.#blocks = this.#blocks.filter((block) => !over.includes(block));
    return over;
  }

  /** The block that a conversation between these addresses (4 or 16 bytes each) falls under. */
  find(a: Uint8Array, b: Uint8Array): Block | undefined {
    return this.#blocks.find(({ target, host }) => {
      if (cidrContains(target, a)) return host === undefined || isAddress(host, b);
      if (cidrContains(target, b)) return host === undefined || isAddress(host, a);
      return false;
    });
  }
}

const covers = (wide: Cidr, narrow: Cidr): boolean =>
  wide.prefixBits <= narrow.prefixBits && cidrContains(wide, narrow.network);

const isAddress = (text: string, bytes: Uint8Array): boolean => Buffer.compare(parseAddress(text), bytes) === 0;
