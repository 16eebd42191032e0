// All that belongs to a flow is found by its five numbers: later fragments, what lies in a tunnel, errors about it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseTuple } from '../../src/net/tuple.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { tupleFilter } from '../../src/query/plan-packets.ts';
import { findPackets, type PacketQuery } from '../../src/store/find-packets.ts';
import { StoreWriter } from '../../src/store/store-writer.ts';
import { ALL_TUNNELS, frame, icmpError, labelled, pppoe, tunnelled } from '../pcap/frames.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-flows-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const udp = { src: '10.0.0.1', dst: '192.0.2.1', proto: 17, srcPort: 4000, dstPort: 53 };
const other = { ...udp, srcPort: 4001 };
const outer = { src: '172.16.0.1', dst: '172.16.0.2' };
const v6 = { ...udp, src: '2001:db8::1', dst: '2001:db8::2' };

/** Numbers of the frames found; a frame's number is its second. @param open leaves the segment unfinished */
async function ask(frames: readonly Buffer[], query: PacketQuery, segmentBytes = 1e6, open = false): Promise<number[]> {
  const writer = new StoreWriter(dir, segmentBytes);
  for (const [i, data] of frames.entries()) {
    const lengths = { capturedLength: data.length, originalLength: data.length };
    writer.appendPacket({ timeNs: BigInt(i) * 1_000_000_000n, linkType: 1, ...lengths, data });
  }
  if (open) writer.flush();
  else writer.close();
  const found: number[] = [];
  for await (const packet of findPackets(dir, query)) found.push(Number(packet.timeNs / 1_000_000_000n));
  writer.close();
  return found;
}

const flow = (text: string): PacketQuery => ({ filter: tupleFilter(parseTuple(text)) });
const words = (text: string): PacketQuery => ({ filter: parseFilter(text) });
const FLOW = flow('10.0.0.1,4000,192.0.2.1,53,udp');

test.each([
  ['one segment', 1e6, false],
  ['a segment for each packet', 4097, false],
  ['the open segment', 1e6, true],
])('later fragments, by the identification of the first: %s', async (_name, segmentBytes, open) => {
  const part = (parts: typeof udp, identification: number, fragment: number) =>
    frame({ ...parts, identification, fragment });
  const frames = [
    part(udp, 7, 185), // came before the first one
    part(udp, 7, 0x2000),
    part(other, 8, 0x2000),
    part(other, 8, 185),
    part({ ...udp, src: udp.dst, dst: udp.src, srcPort: 53, dstPort: 4000 }, 8, 0x2000),
    part({ ...udp, src: udp.dst, dst: udp.src }, 8, 185),
    ...Array.from({ length: 70 }, () => frame(other)),
    part(udp, 7, 185), // an identification used again, 76 s later
  ];
  expect(await ask(frames, FLOW, segmentBytes, open)).toEqual([0, 1, 4, 5]);
});

test('fragments of IPv6', async () => {
  const frames = [
    frame({ ...v6, fragment: 0x2000, identification: 70_000 }),
    frame({ ...v6, fragment: 185, identification: 70_000 }),
    frame({ ...v6, fragment: 185, identification: 70_001 }),
  ];
  expect(await ask(frames, flow('2001:db8::1,4000,2001:db8::2,53,udp'))).toEqual([0, 1]);
});

test.each(ALL_TUNNELS)('in a tunnel, inside and outside: %s', async (tunnel) => {
  const frames = [tunnelled(tunnel, outer, udp), tunnelled(tunnel, outer, other), frame(udp)];
  expect(await ask(frames, FLOW)).toEqual([0, 2]);
  expect(await ask(frames, words('host 172.16.0.2'))).toEqual([0, 0, 1, 1]); // the store has them twice by now
  rmSync(dir, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'mss-flows-'));
  expect(await ask(frames, words('inner (host 10.0.0.1 and src port 4001)'))).toEqual([1]);
});

test('words are about the outer packet, unless inner says otherwise', async () => {
  const frames = [tunnelled('vxlan', outer, udp), frame(udp)];
  expect(await ask(frames, words('host 10.0.0.1'))).toEqual([1]);
  expect(await ask([], words('host 172.16.0.1 and inner host 10.0.0.1'))).toEqual([0]);
  expect(await ask([], words('not inner host 10.0.0.1'))).toEqual([1]);
});

test('ICMP errors go with the flow that they are about, of IPv6 too', async () => {
  const frames = [icmpError('203.0.113.1', udp), icmpError('203.0.113.1', other), frame(udp)];
  expect(await ask(frames, FLOW)).toEqual([0, 2]);
  const six = [icmpError('2001:db8::ff', v6), frame(v6)].map((one) => one);
  rmSync(dir, { recursive: true });
  dir = mkdtempSync(join(tmpdir(), 'mss-flows-'));
  expect(await ask(six, flow('2001:db8::1,4000,2001:db8::2,53,udp'))).toEqual([0, 1]);
});

test('behind MPLS labels, PPPoE and two VLAN tags', async () => {
  const frames = [labelled(udp), pppoe({ ...udp, vlans: [7] }), frame({ ...udp, vlans: [7, 9] }), frame(other)];
  expect(await ask(frames, FLOW)).toEqual([0, 1, 2]);
});

test('by community id, inside a tunnel as well', async () => {
  const known = { src: '128.232.110.120', dst: '66.35.250.204', proto: 6, srcPort: 34855, dstPort: 80 };
  const frames = [tunnelled('geneve', outer, known), frame(known), frame(udp)];
  expect(await ask(frames, words('community-id 1:LQU9qZlK+B5F3KDmev6m5PMibrg='))).toEqual([0, 1]);
});
