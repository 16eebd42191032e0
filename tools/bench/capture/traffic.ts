// Made-up traffic: frames of conversations that come and go, a few of them heavy, in the sizes that capture programs
// are compared by. The same numbers give the same frames on every run.

export const MIXES = ['64', 'imix', '782', '1514', 'fields'] as const;
export type Mix = (typeof MIXES)[number];

export interface Traffic {
  /** all frames, each at an even offset */
  bytes: Buffer;
  offsets: Uint32Array;
  lengths: Uint16Array;
  /** where each frame's IP header begins */
  networkAt: Uint32Array;
  averageBytes: number;
}

/** What the file or the sender holds at most; it is sent again and again, with other addresses each time. */
const MOST_BYTES = 96 * 1024 * 1024;
const MOST_FRAMES = 400_000;
const PACKETS_A_FLOW = 20;
/** Flows that are alive at one time, of all. */
const ALIVE = 0.15;
const PORTS = [443, 443, 443, 80, 53, 22, 8080, 5432];

interface Flow {
  v6: boolean;
  proto: number;
  vlans: number[];
  tunnel: 'none' | 'vxlan' | 'gre';
  fragments: boolean;
  client: number;
  server: number;
  clientPort: number;
  serverPort: number;
}

/** Frame sizes on the wire, without the checksum of four bytes that no program sees. */
function sizeOf(mix: Mix, random: () => number): number {
  const r = random();
  switch (mix) {
    case '64':
      return 60;
    case '1514':
      return 1514;
    case '782':
      return r < 0.42 ? 66 : r < 0.55 ? 100 + Math.floor(random() * 900) : 1514;
    default: // simple IMIX, 7:4:1
      return r < 7 / 12 ? 60 : r < 11 / 12 ? 590 : 1514;
  }
}

const AVERAGE_BYTES: Record<Mix, number> = { 64: 60, imix: 358, 782: 782, 1514: 1514, fields: 380 };

/** Makes the frames of one mix. */
export function makeTraffic(mix: Mix): Traffic {
  const random = seeded(12345);
  const count = Math.min(MOST_FRAMES, Math.floor(MOST_BYTES / AVERAGE_BYTES[mix]));
  const flows = Array.from({ length: Math.ceil(count / PACKETS_A_FLOW) }, () => makeFlow(mix, random));
  const bytes = Buffer.alloc(Math.ceil(count * AVERAGE_BYTES[mix] * 1.05) + 4096);
  const offsets = new Uint32Array(count);
  const lengths = new Uint16Array(count);
  const networkAt = new Uint32Array(count);
  let at = 0;
  let made = 0;
  let sum = 0;
  for (; made < count && at + 2048 < bytes.length; made++) {
    const from = (made / count) * flows.length;
    const flow = flows[Math.floor(from + random() ** 3 * flows.length * ALIVE) % flows.length];
    const size = sizeOf(mix, random);
    const { length, network } = putFrame(bytes, at, flow, size, random() < 0.5);
    offsets[made] = at;
    lengths[made] = length;
    networkAt[made] = at + network;
    sum += length;
    at += (length + 1) & ~1;
  }
  return {
    bytes,
    offsets: offsets.subarray(0, made),
    lengths: lengths.subarray(0, made),
    networkAt: networkAt.subarray(0, made),
    averageBytes: sum / made,
  };
}

/** Gives frame `i` other addresses, the same for both directions: `turn` counts from 1, each frame once a turn. */
export function changeAddresses(traffic: Traffic, i: number, turn: number): void {
  const { bytes, networkAt } = traffic;
  const at = networkAt[i];
  const difference = turn ^ (turn - 1);
  const [src, dst] = bytes[at] >> 4 === 4 ? [at + 13, at + 17] : [at + 21, at + 37];
  bytes[src] ^= difference;
  bytes[dst] ^= difference;
}

function makeFlow(mix: Mix, random: () => number): Flow {
  const fields = mix === 'fields';
  const v6 = random() < (fields ? 0.3 : 0.08) && mix !== '64';
  const tags = mix === '64' || mix === '1514' ? 0 : fields ? Math.floor(random() * 3) : random() < 0.1 ? 1 : 0;
  const rest = random();
  return {
    v6,
    proto: random() < 0.8 ? 6 : random() < 0.9 ? 17 : v6 ? 58 : 1,
    vlans: Array.from({ length: tags }, () => 1 + Math.floor(random() * 50)),
    tunnel: !fields || rest > 0.3 ? 'none' : rest < 0.15 ? 'vxlan' : 'gre',
    fragments: fields && rest > 0.9,
    client: 0x0a000000 + Math.floor(random() * 0x3fff),
    server: Math.floor(random() * 0xdfffffff),
    clientPort: 1024 + Math.floor(random() * 64000),
    serverPort: PORTS[Math.floor(random() * PORTS.length)],
  };
}

/** Writes one frame; returns its length and where its IP header begins in it. */
function putFrame(bytes: Buffer, start: number, flow: Flow, size: number, toServer: boolean) {
  const tags = flow.vlans.length * 4;
  const ip = flow.v6 ? 40 : 20;
  const tunnel = flow.tunnel === 'none' ? 0 : flow.tunnel === 'gre' ? 24 : 20 + 8 + 8 + 14;
  const length = Math.min(1514 + tags, Math.max(size + tags, 14 + tags + tunnel + ip + 20));
  const end = start + length;
  for (let at = start; at < end; at += 4) bytes.writeUInt32LE(Math.imul(at, 0x9e3779b1) >>> 0, at);
  let at = putEthernet(bytes, start, flow.v6 && tunnel === 0 ? 0x86dd : 0x0800, flow.vlans, toServer);
  const network = at - start;
  if (tunnel > 0) at = putTunnel(bytes, at, end, flow, toServer);
  at = flow.v6 ? putIpv6(bytes, at, end, flow, toServer) : putIpv4(bytes, at, end, flow.proto, flow, toServer);
  putPorts(bytes, at, end, flow, toServer);
  return { length, network };
}

function putEthernet(bytes: Buffer, start: number, etherType: number, vlans: number[], toServer: boolean): number {
  bytes.fill(2, start, start + 12);
  bytes[start + 5] = toServer ? 1 : 3;
  bytes[start + 11] = toServer ? 3 : 1;
  let at = start + 12;
  for (const [i, vlan] of vlans.entries()) {
    bytes.writeUInt16BE(i + 1 < vlans.length ? 0x88a8 : 0x8100, at);
    bytes.writeUInt16BE(vlan, at + 2);
    at += 4;
  }
  return bytes.writeUInt16BE(etherType, at);
}

/** VXLAN (RFC 7348) or GRE (RFC 2784) between two fixed ends. */
function putTunnel(bytes: Buffer, start: number, end: number, flow: Flow, toServer: boolean): number {
  const inner = flow.v6 ? 0x86dd : 0x0800;
  const ends = { client: 0xc0000201, server: 0xc6336401, fragments: false };
  const gre = flow.tunnel === 'gre';
  const at = putIpv4(bytes, start, end, gre ? 47 : 17, ends, toServer);
  if (gre) return bytes.writeUInt16BE(inner, bytes.writeUInt16BE(0, at));
  bytes.writeUInt16BE(flow.clientPort, at);
  bytes.writeUInt16BE(4789, at + 2);
  bytes.writeUInt16BE(end - at, at + 4);
  bytes.writeUInt16BE(0, at + 6);
  bytes.writeUInt32BE(0x08000000, at + 8);
  bytes.writeUInt32BE(7 << 8, at + 12);
  return putEthernet(bytes, at + 16, inner, [], toServer);
}

function putIpv4(
  bytes: Buffer,
  at: number,
  end: number,
  proto: number,
  ends: Pick<Flow, 'client' | 'server' | 'fragments'>,
  toServer: boolean,
): number {
  bytes.writeUInt16BE(0x4500, at);
  bytes.writeUInt16BE(end - at, at + 2);
  // a quarter of such a flow's packets are first, middle or last pieces
  const piece = ends.fragments && at % 4 === 0 ? [0x2000, 0x20b9, 0x0172][at % 3] : 0x4000;
  bytes.writeUInt16BE(at & 0xffff, at + 4);
  bytes.writeUInt16BE(piece, at + 6);
  bytes[at + 8] = 64;
  bytes[at + 9] = proto;
  bytes.writeUInt16BE(0, at + 10);
  bytes.writeUInt32BE(toServer ? ends.client : ends.server, at + 12);
  return bytes.writeUInt32BE(toServer ? ends.server : ends.client, at + 16);
}

function putIpv6(bytes: Buffer, at: number, end: number, flow: Flow, toServer: boolean): number {
  bytes.writeUInt32BE(0x60000000, at);
  bytes.writeUInt16BE(end - at - 40, at + 4);
  bytes[at + 6] = flow.proto;
  bytes[at + 7] = 64;
  for (const [i, address] of [flow.client, flow.server].entries()) {
    const to = at + 8 + (toServer ? i : 1 - i) * 16;
    bytes.fill(0, to, to + 12);
    bytes.writeUInt32BE(0x20010db8, to);
    bytes.writeUInt32BE(address, to + 12);
  }
  return at + 40;
}

function putPorts(bytes: Buffer, at: number, end: number, flow: Flow, toServer: boolean): void {
  if (flow.proto !== 6 && flow.proto !== 17) return;
  bytes.writeUInt16BE(toServer ? flow.clientPort : flow.serverPort, at);
  bytes.writeUInt16BE(toServer ? flow.serverPort : flow.clientPort, at + 2);
  if (flow.proto === 6) bytes.writeUInt16BE(0x5010, at + 12);
  else bytes.writeUInt16BE(end - at, at + 4);
}

/** A linear congruential generator (Numerical Recipes): the run must be repeatable. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
