// rtnetlink's words about links: attributes, and what RTM_NEWLINK carries. Bytes in, bytes out; no socket.
// rtnetlink(7); include/uapi/linux/if_link.h. All numbers stand in the machine's order, which is little-endian here.

/** Attributes of a link that we read or write, from if_link.h. */
const IFLA = {
  ifname: 3,
  master: 10,
  linkinfo: 18,
  ifalias: 20,
  afSpec: 26,
  carrier: 33,
} as const;
const IFLA_INFO = { kind: 1, data: 2 } as const;
const IFLA_BOND = { mode: 1, miimon: 3 } as const;
const IFLA_INET6_ADDR_GEN_MODE = 8;
const ADDR_GEN_MODE_NONE = 1;
const AF_INET6 = 10;

/** Flags of an interface that we read or write, from if.h. */
export const IFF = { up: 0x1, noArp: 0x80, promiscuous: 0x100, multicast: 0x1000 } as const;

const HEADER_BYTES = 16; // struct ifinfomsg
/** The upper two bits of an attribute's type are flags. */
const TYPE_MASK = 0x3fff;

export interface BondSettings {
  /** 0: balance-rr */
  mode: number;
  /** how often the carrier of the members is looked at */
  miimonMs: number;
}

/** A link as the kernel describes it. */
export interface Link {
  index: number;
  name: string;
  /** administratively up */
  up: boolean;
  /** the cable, or its virtual counterpart, is in; never while it is down */
  carrier: boolean;
  /** somebody asked for promiscuous mode by its flag; sockets that ask for it do not show here */
  promiscuous: boolean;
  /** index of the bond or bridge it belongs to */
  masterIndex?: number;
  /** 'bond', 'veth', ...; none for a card */
  kind?: string;
  /** free text that somebody gave it */
  alias?: string;
  bond?: BondSettings;
}

/** What to change of a link, or what a new one shall be. */
export interface LinkChange {
  /** 0: the one named, or a new one */
  index?: number;
  name?: string;
  alias?: string;
  /** of IFF */
  flags?: number;
  /** which flags are meant; the others stay */
  flagsMask?: number;
  /** 0 releases it */
  masterIndex?: number;
  bond?: BondSettings;
  /** IPv6 makes no address of its own accord */
  noIpv6Addresses?: boolean;
}

/** Reads the payload of RTM_NEWLINK or RTM_DELLINK. Undefined where it is none: too short, or of a link without a name. */
export function parseLink(payload: Buffer): Link | undefined {
  if (payload.length < HEADER_BYTES) return undefined;
  const flags = payload.readUInt32LE(8);
  const attributes = parseAttributes(payload.subarray(HEADER_BYTES));
  const name = parseText(attributes.get(IFLA.ifname));
  if (name === undefined) return undefined;
  const info = parseAttributes(attributes.get(IFLA.linkinfo));
  const kind = parseText(info.get(IFLA_INFO.kind));
  const up = (flags & IFF.up) !== 0;
  return {
    index: payload.readInt32LE(4),
    name,
    up,
    carrier: up && attributes.get(IFLA.carrier)?.[0] === 1,
    promiscuous: (flags & IFF.promiscuous) !== 0,
    masterIndex: parseWord(attributes.get(IFLA.master)),
    kind,
    alias: parseText(attributes.get(IFLA.ifalias)),
    bond: kind === 'bond' ? parseBond(info.get(IFLA_INFO.data)) : undefined,
  };
}

/** The payload of RTM_NEWLINK, RTM_DELLINK, or of a dump when nothing is given. */
export function renderLink(change: LinkChange): Buffer {
  const { name, alias, masterIndex, bond } = change;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(change.index ?? 0, 4);
  header.writeUInt32LE(change.flags ?? 0, 8);
  header.writeUInt32LE(change.flagsMask ?? 0, 12);
  const parts: Buffer[] = [header];
  if (name !== undefined) parts.push(renderAttribute(IFLA.ifname, Buffer.from(`${name}\0`)));
  if (alias !== undefined) parts.push(renderAttribute(IFLA.ifalias, Buffer.from(alias)));
  if (masterIndex !== undefined) parts.push(renderAttribute(IFLA.master, word(masterIndex)));
  if (bond !== undefined) parts.push(renderBond(bond));
  if (change.noIpv6Addresses === true) {
    const mode = renderAttribute(IFLA_INET6_ADDR_GEN_MODE, Buffer.of(ADDR_GEN_MODE_NONE));
    parts.push(renderAttribute(IFLA.afSpec, renderAttribute(AF_INET6, mode)));
  }
  return Buffer.concat(parts);
}

function renderBond({ mode, miimonMs }: BondSettings): Buffer {
  const settings = [
    renderAttribute(IFLA_BOND.mode, Buffer.of(mode)),
    renderAttribute(IFLA_BOND.miimon, word(miimonMs)),
  ];
  const info = [
    renderAttribute(IFLA_INFO.kind, Buffer.from('bond\0')),
    renderAttribute(IFLA_INFO.data, Buffer.concat(settings)),
  ];
  return renderAttribute(IFLA.linkinfo, Buffer.concat(info));
}

function parseBond(bytes: Buffer | undefined): BondSettings | undefined {
  const settings = parseAttributes(bytes);
  const mode = settings.get(IFLA_BOND.mode)?.[0];
  const miimonMs = parseWord(settings.get(IFLA_BOND.miimon));
  return mode === undefined || miimonMs === undefined ? undefined : { mode, miimonMs };
}

/** struct rtattr: length with its own four bytes, type, value, filled up to a multiple of four. */
function renderAttribute(type: number, value: Buffer): Buffer {
  const length = 4 + value.length;
  const bytes = Buffer.alloc((length + 3) & ~3);
  bytes.writeUInt16LE(length, 0);
  bytes.writeUInt16LE(type, 2);
  value.copy(bytes, 4);
  return bytes;
}

/** By their type; a torn one ends the list. */
function parseAttributes(bytes: Buffer = Buffer.alloc(0)): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4 || at + length > bytes.length) break;
    found.set(bytes.readUInt16LE(at + 2) & TYPE_MASK, bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return found;
}

function parseText(bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

const parseWord = (bytes: Buffer | undefined): number | undefined =>
  bytes?.length === 4 ? bytes.readUInt32LE(0) : undefined;

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
