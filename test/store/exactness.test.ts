// The store gives exactly what a pass over all packets gives, for any packets and any filter: fast-check looks for
// a counterexample. The pass shares the packet test with the store; test/query/packet-filter.test.ts judges that one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CapturedPacket } from '../../src/pcap/packet.ts';
import { PacketKeyReader } from '../../src/pcap/packet-key.ts';
import type { Filter } from '../../src/query/filter.ts';
import { compilePacketFilter } from '../../src/query/packet-filter.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { emptyQueryReport, findPackets } from '../../src/store/find-packets.ts';
import { StoreWriter } from '../../src/store/store-writer.ts';
import { ALL_TUNNELS, arp, frame, icmpError, labelled, pppoe, tunnelled } from '../pcap/frames.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-store-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

// few values, so that packets share flows, hosts and ports
const V4 = ['10.0.0.1', '10.0.0.2'];
const V6 = ['2001:db8::1', '2001:db8::2', '::ffff:10.0.0.1'];
const PORTS = [53, 80];
const port = fc.constantFrom(...PORTS);
const vlans = fc.constantFrom<number[]>([], [], [], [], [7], [7, 9], [9]);

const ipFrame = fc.constantFrom(V4, V4, V6).chain((addresses) =>
  fc
    .record({
      src: fc.constantFrom(...addresses),
      dst: fc.constantFrom(...addresses),
      proto: fc.constantFrom(6, 6, 6, 6, 17, 132, 1, 58, 47),
      srcPort: port,
      dstPort: port,
      vlans,
      fragment: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, 0, 185),
      extension: fc.boolean(),
      icmp: fc.constantFrom<[number, number]>([8, 0], [0, 0], [3, 1]),
      payload: fc.uint8Array({ maxLength: 30 }),
    })
    .map(frame),
);
const plain = fc.record({
  src: fc.constantFrom(...V4),
  dst: fc.constantFrom(...V4),
  proto: fc.constantFrom(6, 17, 1),
  srcPort: port,
  dstPort: port,
});
const tunnel = fc
  .tuple(fc.constantFrom(...ALL_TUNNELS), plain, plain)
  .map(([kind, outer, inner]) => tunnelled(kind, outer, inner));
const aside = fc
  .tuple(fc.constantFrom(icmpError.bind(null, '10.0.0.1'), labelled, pppoe), plain)
  .map(([make, parts]) => make(parts));
const bytes = fc.oneof(
  { weight: 2, arbitrary: tunnel },
  { weight: 2, arbitrary: aside },
  { weight: 8, arbitrary: ipFrame },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...V4), fc.constantFrom(...V4)).map(([a, b]) => arp(a, b)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  { weight: 2, arbitrary: fc.tuple(ipFrame, fc.nat(60)).map(([whole, cut]) => whole.subarray(0, cut)) },
);
const packet: fc.Arbitrary<CapturedPacket> = fc
  .record({
    // near and far, in order and not, and the largest time a file can hold
    timeNs: fc.oneof(
      { weight: 30, arbitrary: fc.bigInt({ min: 1_700_000_000_000_000_000n, max: 1_700_000_000_002_000_000n }) },
      { weight: 30, arbitrary: fc.bigInt({ min: 1_700_000_000_000_000_000n, max: 1_700_000_060_000_000_000n }) },
      { weight: 1, arbitrary: fc.constantFrom(0n, 2n ** 64n - 1n, 1_600_000_000_000_000_000n) },
    ),
    linkType: fc.constantFrom(1, 1, 1, 1, 101, 113, 147),
    data: bytes,
    cutFrom: fc.nat(100),
  })
  .map(({ timeNs, linkType, data, cutFrom }) => ({
    timeNs,
    linkType,
    capturedLength: data.length,
    originalLength: data.length + cutFrom,
    data: linkType === 101 ? Buffer.from(data.subarray(14)) : Buffer.from(data),
  }))
  .map((p) => ({ ...p, capturedLength: p.data.length }));

const dir3 = fc.constantFrom('src', 'dst', 'either') as fc.Arbitrary<'src' | 'dst' | 'either'>;
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ op: fc.constant('host' as const), dir: dir3, address: fc.constantFrom(...V4, ...V6) }),
  fc.record({
    op: fc.constant('net' as const),
    dir: dir3,
    cidr: fc.constantFrom('10.0.0.0/30', '0.0.0.0/0', '2001:db8::/127', '::/0'),
  }),
  fc.record({ op: fc.constant('port' as const), dir: dir3, from: port, to: port }),
  fc.record({
    op: fc.constant('proto' as const),
    proto: fc.constantFrom<'tcp' | 'udp' | 'icmp' | 'icmp6' | 'ip' | 'ip6' | 'arp' | number>(
      'tcp',
      'udp',
      'icmp',
      'icmp6',
      'ip',
      'ip6',
      'arp',
      47,
    ),
  }),
  fc.record({ op: fc.constant('vlan' as const), id: fc.constantFrom(undefined, 7, 9) }),
  fc.record({
    op: fc.constant('length' as const),
    cmp: fc.constantFrom('<=' as const, '>=' as const),
    bytes: fc.nat(120),
  }),
  fc.constant<Filter>({ op: 'all' }),
  plain.map((tuple): Filter => ({ op: 'flow', tuple })),
  plain.map(
    ({ src, srcPort, proto }): Filter => ({
      op: 'inner',
      term: {
        op: 'and',
        terms: [
          { op: 'host', dir: 'either', address: src },
          { op: 'not', term: { op: 'port', dir: 'src', from: srcPort, to: srcPort } },
          { op: 'proto', proto },
        ],
      },
    }),
  ),
  fc
    .constantFrom('tcp[13] & 8 != 0', 'ip[8] < 100', 'udp[4:2] > 16', 'ether[0] & 1 = 0', 'icmp[0] != 8')
    .map((text) => parseFilter(text)),
  fc
    .constantFrom('1:h1BMsyh/MHoxNF4xi7Ps/7bdcKY=', '1:wCb3OG7yAFWelaUydu0D+125CLM=')
    .map((id): Filter => ({ op: 'community-id', id })),
);
const filter: fc.Arbitrary<Filter> = fc.letrec<{ tree: Filter }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      terms: fc.array(tie('tree'), { minLength: 2, maxLength: 4 }),
    }),
    fc.record({ op: fc.constant('not' as const), term: tie('tree') }),
  ),
})).tree;

function linear(packets: CapturedPacket[], wanted: Filter, fromUs?: number, toUs?: number): CapturedPacket[] {
  const { packet: matches } = compilePacketFilter(wanted);
  const found = packets.filter((p) => {
    const timeUs = p.timeNs / 1000n;
    if (fromUs !== undefined && timeUs < BigInt(fromUs)) return false;
    if (toUs !== undefined && timeUs > BigInt(toUs)) return false;
    const room = new Uint8Array((p.data.length + 1) & ~1);
    room.set(p.data);
    const keys = new PacketKeyReader(room.buffer);
    keys.read(0, p.data.length, p.linkType);
    return matches(keys, p.originalLength, Number(p.timeNs));
  });
  return found.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0));
}

const text = (p: CapturedPacket) =>
  `${p.timeNs} ${p.linkType} ${p.capturedLength}/${p.originalLength} ${Buffer.from(p.data).toString('hex')}`;

test('whatever is stored, is found: exactly what matches, in order of time', { timeout: 120_000 }, async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(packet, { maxLength: 60, size: 'max' }),
      filter,
      fc.option(fc.integer({ min: 1_699_999_999_999_990, max: 1_700_000_000_002_000 }), { nil: undefined }),
      fc.option(fc.integer({ min: 0, max: 60_000_000 }), { nil: undefined }),
      fc.constantFrom(6000, 1_000_000, 1_000_000),
      fc.boolean(),
      async (packets, wanted, fromUs, spanUs, segmentBytes, leaveOpen) => {
        const store = join(dir, String(run++));
        const { mkdirSync } = await import('node:fs');
        mkdirSync(store);
        const writer = new StoreWriter(store, segmentBytes);
        for (const p of packets) writer.appendPacket(p);
        if (leaveOpen) writer.flush();
        else writer.close();
        const toUs = spanUs === undefined ? undefined : (fromUs ?? 1_700_000_000_000_000) + spanUs;
        const report = emptyQueryReport();
        const found: string[] = [];
        for await (const p of findPackets(store, { filter: wanted, fromUs, toUs }, report)) found.push(text(p));
        expect(report.damage).toEqual([]);
        // packets of the very same time may come in any order
        expect(found.toSorted()).toEqual(linear(packets, wanted, fromUs, toUs).map(text).toSorted());
        expect(found.map((line) => BigInt(line.split(' ')[0]))).toEqual(
          linear(packets, wanted, fromUs, toUs).map((p) => p.timeNs),
        );
        if (leaveOpen) writer.close();
        rmSync(store, { recursive: true });
      },
    ),
    { numRuns: 100 },
  );
});
