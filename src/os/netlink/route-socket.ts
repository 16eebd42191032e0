// A socket for requests to rtnetlink(7): lists links, makes, changes and removes them. One request at a time.
import { getSystemErrorName } from 'node:util';
import netlink, { type NetlinkSocket } from 'node-netlink';
import { MssError, messageOf } from '../../errors.ts';
import { type Link, type LinkChange, parseLink, renderLink } from './link-message.ts';

const NETLINK_ROUTE = 0;
const RTM = { newLink: 16n, delLink: 17n, getLink: 18n } as const;
const NLM_F = { request: 0x1n, ack: 0x4n, dumpInterrupted: 0x10n, excl: 0x200n, create: 0x400n, dump: 0x300n } as const;
const ANSWER_WITHIN_MS = 5000;
const DUMP_TRIES = 5;

export interface RouteSocket {
  listLinks(): Promise<Link[]>;
  /** @param what completes "cannot ..." in the error */
  createLink(what: string, link: LinkChange): Promise<void>;
  changeLink(what: string, change: LinkChange): Promise<void>;
  removeLink(what: string, index: number): Promise<void>;
}

/**
 * Opens a socket for as long as `use` takes: each open one parks a thread of the pool, and one that the kernel gave an
 * error is of no further use. Listing needs no right, changing CAP_NET_ADMIN.
 * @throws MssError `network` naming what could not be done, and the kernel's error.
 */
export async function withRouteSocket<T>(use: (route: RouteSocket) => Promise<T>): Promise<T> {
  const socket = await netlink.open({ family: NETLINK_ROUTE }).catch((error) => {
    throw new MssError('network', `no netlink socket: ${messageOf(error)}`);
  });
  try {
    return await use({
      listLinks: () => listLinks(socket),
      createLink: (what, link) => request(socket, what, RTM.newLink, NLM_F.create | NLM_F.excl, link),
      changeLink: (what, change) => request(socket, what, RTM.newLink, 0n, change),
      removeLink: (what, index) => request(socket, what, RTM.delLink, 0n, { index }),
    });
  } finally {
    await socket.close();
  }
}

async function listLinks(socket: NetlinkSocket): Promise<Link[]> {
  for (let tries = 1; ; tries++) {
    const messages = await talk(socket, 'list the links', RTM.getLink, NLM_F.dump, {});
    // a link that came or went in between may be missing from the answer, or stand in it twice
    const whole = messages.every(({ header }) => (header.nlmsg_flags & NLM_F.dumpInterrupted) === 0n);
    if (whole || tries === DUMP_TRIES) return messages.flatMap(({ payload }) => parseLink(payload) ?? []);
  }
}

async function request(socket: NetlinkSocket, what: string, type: bigint, flags: bigint, link: LinkChange) {
  await talk(socket, what, type, flags, link);
}

async function talk(socket: NetlinkSocket, what: string, type: bigint, flags: bigint, link: LinkChange) {
  const header = { nlmsg_type: type, nlmsg_flags: NLM_F.request | NLM_F.ack | flags };
  const payload = renderLink(link);
  const { errorCode, packets } = await socket
    .tryTalk({ header, payload }, { timeout: ANSWER_WITHIN_MS })
    .catch((error) => {
      throw new MssError('network', `cannot ${what}: ${messageOf(error)}`);
    });
  if (errorCode !== 0) throw new MssError('network', `cannot ${what}: ${getSystemErrorName(-errorCode)}`);
  return packets;
}
