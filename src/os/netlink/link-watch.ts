// The links of this machine as they are now: listed once, then followed by what the kernel tells of each change.
import { isDeepStrictEqual } from 'node:util';
import netlink, { type NetlinkSocket } from 'node-netlink';
import { MssError, messageOf } from '../../errors.ts';
import { type Link, parseLink } from './link-message.ts';
import { withRouteSocket } from './route-socket.ts';

const NETLINK_ROUTE = 0;
// RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR of linux/rtnetlink.h
const GROUPS = 0x1 | 0x10 | 0x100;
const RTM_NEWLINK = 16n;
const RTM_DELLINK = 17n;
const PF_BRIDGE = 7;
/**
 * Told more than its buffer holds (ENOBUFS), the socket goes deaf without a word to us: now and then the list is
 * compared with the kernel's.
 */
const COMPARE_EVERY_MS = 10_000;
const LIST_TRIES = 5;

/**
 * A link as it is and as it was: one that came was undefined before, one that went is undefined now; both are where an
 * address changed. Must not wait for anything.
 */
export type LinkListener = (after: Link | undefined, before: Link | undefined) => void;

export class LinkWatch {
  readonly #links = new Map<number, Link>();
  readonly #onChange: LinkListener;
  #socket: NetlinkSocket | undefined;
  #compare: NodeJS.Timeout | undefined;
  #comparing: Promise<void> | undefined;
  #heard = 0;

  private constructor(onChange: LinkListener) {
    this.#onChange = onChange;
  }

  /**
   * Lists the links and follows them until close(). Needs no right.
   * @param onChange called for each link at first, then after each change.
   * @throws MssError `network` where the kernel has no netlink for us.
   */
  static async open(onChange: LinkListener): Promise<LinkWatch> {
    const watch = new LinkWatch(onChange);
    await watch.#listen();
    await watch.#list();
    watch.#compare = setInterval(() => {
      watch.#comparing ??= watch.#compareWithKernel().finally(() => {
        watch.#comparing = undefined;
      });
    }, COMPARE_EVERY_MS);
    watch.#compare.unref();
    return watch;
  }

  get links(): Link[] {
    return [...this.#links.values()];
  }

  find(name: string): Link | undefined {
    for (const link of this.#links.values()) if (link.name === name) return link;
    return undefined;
  }

  async close(): Promise<void> {
    clearInterval(this.#compare);
    await this.#comparing;
    await this.#socket?.close();
    this.#socket = undefined;
  }

  async #listen(): Promise<void> {
    const socket = await netlink.open({ family: NETLINK_ROUTE, groups: GROUPS }).catch((error) => {
      throw new MssError('network', `no netlink socket: ${messageOf(error)}`);
    });
    // the library's own listener warns of every message that answers no request, and here none does
    socket.on('newListener', function (event) {
      if (event === 'message') this.removeAllListeners('message');
    });
    socket.on('message', ({ header, payload }) => this.#take(header.nlmsg_type, payload));
    this.#socket = socket;
  }

  /** Must not throw: that would end the library's loop. */
  #take(type: bigint, payload: Buffer): void {
    this.#heard++;
    if (type !== RTM_NEWLINK && type !== RTM_DELLINK) {
      this.#tell(undefined, undefined);
      return;
    }
    const link = parseLink(payload);
    // bridges tell of their ports in messages of the same type, which lack most of a link
    if (link === undefined || payload[0] === PF_BRIDGE) return;
    this.#set(link.index, type === RTM_NEWLINK ? link : undefined);
  }

  #set(index: number, link: Link | undefined): void {
    const before = this.#links.get(index);
    if (link === undefined) this.#links.delete(index);
    else this.#links.set(index, link);
    this.#tell(link, before);
  }

  #tell(after: Link | undefined, before: Link | undefined): void {
    try {
      this.#onChange(after, before);
    } catch {
      // what the listener failed at it meets again when it looks at the links
    }
  }

  /**
   * Takes the kernel's list, and tells whether it differed from what was known. A change heard of meanwhile may be newer
   * than the list: it is asked for once more.
   */
  async #list(): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      const heard = this.#heard;
      const listed = await withRouteSocket((route) => route.listLinks());
      if (heard !== this.#heard && tries < LIST_TRIES) continue;
      const indexes = new Set(listed.map(({ index }) => index));
      const gone = [...this.#links.keys()].filter((index) => !indexes.has(index));
      const other = listed.filter((link) => !isDeepStrictEqual(link, this.#links.get(link.index)));
      for (const index of gone) this.#set(index, undefined);
      for (const link of other) this.#set(link.index, link);
      return gone.length + other.length > 0;
    }
  }

  async #compareWithKernel(): Promise<void> {
    try {
      if (!(await this.#list())) return;
      const deaf = this.#socket;
      await this.#listen();
      await deaf?.close();
      await this.#list();
    } catch {
      // tried again at the next turn
    }
  }
}
