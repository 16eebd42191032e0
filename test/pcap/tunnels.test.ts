// Packets in packets: found where a tunnel's own header proves them, wherever they lie, and nowhere else.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HAS_ADDRESSES, IN_TUNNEL, swap16, W_KIND, W_PORTS } from '../../src/pcap/key-words.ts';
import { PacketKeyReader } from '../../src/pcap/packet-key.ts';
import { PcapngEncoder } from '../../src/pcap/write-pcapng.ts';
import { judgeFlows } from '../../tools/test-real/judge-flows.ts';
import {
  ALL_TUNNELS,
  be16,
  ethernet,
  type FrameParts,
  frame,
  ipv4,
  teredo,
  tunnelled,
  tunnelPayload,
} from './frames.ts';

const inner = { src: '10.0.0.1', dst: '192.0.2.1', proto: 17, srcPort: 4000, dstPort: 53 };
const inner6 = { ...inner, src: '2001:0:4136:e378:8000:63bf:3fff:fdd2', dst: '2001:db8::2' };
const outer = { src: '172.16.0.1', dst: '172.16.0.2' };
const relay = { ...outer, proto: 17, srcPort: 3544, dstPort: 50_000 };

function read(bytes: Uint8Array, linkType = 1, at = 0): PacketKeyReader {
  const room = new Uint8Array(at + ((bytes.length + 1) & ~1));
  room.set(bytes, at);
  const keys = new PacketKeyReader(room.buffer);
  keys.read(at, bytes.length, linkType);
  return keys;
}

const ports = (words: Uint32Array) => [swap16(words[W_PORTS] & 0xffff), swap16(words[W_PORTS] >>> 16)];

test.each([
  ...ALL_TUNNELS.map((tunnel) => [tunnel, tunnelled(tunnel, outer, inner)] as const),
  ['teredo', teredo(relay, inner6)] as const,
  ['teredo with a proof of an odd length', teredo(relay, inner6, 'abcd')] as const,
])('%s: the inner packet has its key, and its transport header its place', (_name, bytes) => {
  const keys = read(bytes, 1, 64);
  expect([keys.count, ports(keys.inner[0]), keys.inner[0][W_KIND] & IN_TUNNEL]).toEqual([2, [4000, 53], IN_TUNNEL]);
  const at = keys.innerTransportAt;
  expect([...keys.bytes.subarray(at, at + 4)]).toEqual([...be16(4000, 53)]);
  expect([keys.innerTransportEnd - at, keys.transportEnd]).toEqual([16, 64 + bytes.length]);
});

test('of tunnels in tunnels each has its key, the innermost the first', () => {
  const middle = { src: '10.1.0.1', dst: '10.1.0.2', proto: 17, srcPort: 5000, dstPort: 4789 };
  const payload = (one: FrameParts) => tunnelPayload('vxlan', ipv4(one), frame(one));
  const keys = read(tunnelled('erspan', outer, { ...middle, payload: payload(inner) }));
  expect([keys.count, ports(keys.inner[0]), ports(keys.inner[1])]).toEqual([3, [4000, 53], [5000, 4789]]);
  // what the innermost tunnel carries is no packet: the one around it stays
  const empty = read(
    tunnelled('erspan', outer, { ...middle, payload: be16(0x0800, 0, 0, 0x0700, ...Array(20).fill(0)) }),
  );
  expect([empty.count, ports(empty.inner[0])]).toEqual([2, [5000, 4789]]);
  const udpAt = empty.innerTransportAt;
  expect([...empty.bytes.subarray(udpAt, udpAt + 4)]).toEqual([...be16(5000, 4789)]);
  let deep = inner;
  for (let i = 0; i < 9; i++) deep = { ...inner, proto: 4, payload: ipv4(deep) } as typeof inner;
  expect(read(frame(deep)).count).toBe(5);
});

const bitFlip = (bytes: Buffer, bit: number) => {
  bytes[bit >> 3] ^= 0x80 >> (bit & 7);
  return bytes;
};
const HEADER = 14 + 20 + 8;

test.each([
  ['gtp', 8], // its version and what it is
  ['gtp', 8 + 8 + 8 + 1], // longer than the datagram
  ['l2tp', 16], // reserved and version bits
] as const)('%s: bits of its header that have to be as they are (%i)', (tunnel, bits) => {
  const whole = tunnelled(tunnel, outer, inner);
  expect(read(whole).count).toBe(2);
  const from = bits > 16 ? bits - 1 : 0;
  // the flags that say which fields follow may be otherwise
  const free = tunnel === 'gtp' ? [4, 5, 6, 7] : [1, 4, 6, 7];
  for (let bit = from; bit < bits; bit++) {
    if (free.includes(bit)) continue;
    expect([bit, read(bitFlip(Buffer.from(whole), HEADER * 8 + bit)).count]).toEqual([bit, 1]);
  }
});

test('a port alone makes no tunnel: whatever else is sent there has nothing inside', () => {
  const port = fc.constantFrom(2152, 3544, 1701);
  fc.assert(
    fc.property(port, fc.boolean(), fc.uint8Array({ maxLength: 200 }), (tunnelPort, answer, payload) => {
      const [srcPort, dstPort] = answer ? [tunnelPort, 40_000] : [40_000, tunnelPort];
      expect(read(frame({ ...outer, proto: 17, srcPort, dstPort, payload })).count).toBe(1);
    }),
    { numRuns: 5000 },
  );
});

test('any bytes behind any tunnel, cut anywhere, give keys of at most their own bytes', () => {
  const tunnel = fc.constantFrom(...ALL_TUNNELS);
  const garbled = fc.record({ tunnel, at: fc.nat(300), bits: fc.uint8Array({ maxLength: 12 }), end: fc.nat(200) });
  fc.assert(
    fc.property(
      garbled,
      fc.constantFrom(1, 0, 9, 101, 104, 105, 113, 127, 239, 276),
      ({ tunnel, at, bits, end }, link) => {
        const bytes = Buffer.from(tunnelled(tunnel, outer, inner));
        for (const [i, value] of bits.entries()) bytes[(at + i) % bytes.length] ^= value;
        const cut = bytes.subarray(0, end);
        const keys = read(cut, link, 8);
        const alone = read(cut, link);
        expect(keys.count).toBe(alone.count);
        for (let i = 0; i < keys.count - 1; i++) {
          expect([...keys.inner[i]]).toEqual([...alone.inner[i]]);
          expect(keys.inner[i][W_KIND] & HAS_ADDRESSES).not.toBe(0);
        }
        expect(Math.max(keys.transportEnd, keys.networkAt)).toBeLessThanOrEqual(8 + cut.length);
      },
    ),
    { numRuns: 3000 },
  );
});

const snap = Buffer.from('aaaa030000000800', 'hex');
const nflog = Buffer.concat([Buffer.from('02000000' + '05000a0000000000', 'hex'), Buffer.from([60, 0, 9, 0])]);

test.each([
  ['802.11', 105, Buffer.concat([Buffer.from('08010000', 'hex'), Buffer.alloc(20), snap])],
  [
    '802.11 with QoS between two access points',
    105,
    Buffer.concat([Buffer.from('88030000', 'hex'), Buffer.alloc(28), snap]),
  ],
  [
    'radiotap of an odd length',
    127,
    Buffer.concat([Buffer.from('000009000000000000' + '08020000', 'hex'), Buffer.alloc(20), snap]),
  ],
  ['netfilter log', 239, nflog],
  ['PPP', 9, Buffer.from('ff030021', 'hex')],
  ['PPP at its shortest', 9, Buffer.from('21', 'hex')],
])('behind the header of %s', (_name, linkType, header) => {
  const keys = read(Buffer.concat([header, ipv4(inner)]), linkType);
  expect(ports(keys.words)).toEqual([4000, 53]);
  expect([keys.networkAt, keys.transportAt]).toEqual([header.length, header.length + 20]);
});

test('802.11: what is encrypted or carries nothing has no addresses', () => {
  for (const control of ['0841', '4801', '8001']) {
    const header = Buffer.concat([Buffer.from(`${control}0000`, 'hex'), Buffer.alloc(20), snap]);
    expect(read(Buffer.concat([header, ipv4(inner)]), 105).words[W_KIND] & HAS_ADDRESSES).toBe(0);
  }
});

test('behind a network service header', () => {
  const header = Buffer.concat([be16(0x0006, 0x0101), Buffer.alloc(20)]);
  expect(ports(read(ethernet(0x894f, Buffer.concat([header, ipv4(inner)]))).words)).toEqual([4000, 53]);
});

test('what is found of tunnels is what tshark finds', { timeout: 60_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'mss-tunnels-'));
  const encoder = new PcapngEncoder();
  const frames = ALL_TUNNELS.flatMap((tunnel, i) =>
    [outer, { src: outer.dst, dst: outer.src }].map((ends) => tunnelled(tunnel, ends, { ...inner, srcPort: 4000 + i })),
  );
  frames.push(teredo(relay, inner6), teredo({ ...relay, srcPort: 50_000, dstPort: 3544 }, inner6));
  for (const tunnel of ['erspan', 'gtp', 'gre'] as const) {
    const middle = { src: '10.1.0.1', dst: '10.1.0.2', proto: 17, srcPort: 5000, dstPort: 4789 };
    frames.push(tunnelled(tunnel, outer, { ...middle, payload: tunnelPayload('vxlan', ipv4(inner), frame(inner)) }));
  }
  try {
    const file = join(dir, 'tunnels.pcapng');
    const packets = frames.map((data, i) =>
      encoder.encode({
        timeNs: BigInt(i),
        linkType: 1,
        capturedLength: data.length,
        originalLength: data.length,
        data,
      }),
    );
    writeFileSync(file, Buffer.concat([encoder.start(), ...packets]));
    const { flows, wrong } = await judgeFlows(file);
    expect(wrong).toEqual([]);
    // each inside but ERSPAN's bare IP, which it leaves alone; five UDP ports both ways, one between, and Teredo's three
    expect(flows).toBe(ALL_TUNNELS.length - 1 + 10 + 1 + 3);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
