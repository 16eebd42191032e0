// Frames in, flows out: both directions, when they end, and what keeps the table bounded.
import { beforeEach, expect, test } from 'vitest';
import { type Flow, type FlowEnd, type FlowLimits, FlowTable } from '../../../src/capture/flows/flow-table.ts';
import { renderFlow } from '../../../src/capture/flows/render-flow.ts';
import type { EveRecord } from '../../../src/eve/record.ts';
import { communityId } from '../../../src/net/community-id.ts';
import { PacketKeyReader } from '../../../src/pcap/packet-key.ts';
import { arp, type FrameParts, frame } from '../../pcap/frames.ts';

const START_US = 1_700_000_000_000_000;
const SECOND = 1_000_000;

let told: { flow: Flow; end: FlowEnd }[];
beforeEach(() => {
  told = [];
});

const tableWith = (limits: Partial<FlowLimits> = {}) =>
  new FlowTable(7, (flow, end) => told.push({ flow, end }), limits);
const eves = (): EveRecord[] =>
  told.map(({ flow, end }) => {
    const event = renderFlow(flow, end);
    if (event.type !== 'flow') throw new Error(event.type);
    expect(event.timeUs).toBe(flow.startUs);
    return event.eve;
  });

function add(table: FlowTable, bytes: Buffer, timeUs: number): void {
  const memory = new Uint8Array(bytes.length + 2).buffer;
  new Uint8Array(memory).set(bytes);
  const keys = new PacketKeyReader(memory.slice(0, memory.byteLength & ~1));
  keys.read(0, bytes.length, 1);
  table.add(keys, bytes.length, timeUs);
}

const TUPLE = { src: '10.0.0.1', dst: '192.0.2.1', srcPort: 4000, dstPort: 80, proto: 6 };
const there = (flags: number, more: Partial<FrameParts> = {}) => frame({ ...TUPLE, flags, vlans: [7, 9], ...more });
const back = (flags: number, payload = Buffer.alloc(1000)) =>
  frame({ src: TUPLE.dst, dst: TUPLE.src, srcPort: 80, dstPort: 4000, proto: 6, flags, vlans: [7, 9], payload });

test('a conversation: both directions, flags, VLANs, community id; told when it was closed', () => {
  const table = tableWith();
  const frames = [there(0x02), back(0x12), there(0x18), back(0x18), there(0x11), back(0x11)];
  for (const [i, bytes] of frames.entries()) add(table, bytes, START_US + i * 1000);
  table.expire(START_US + 4 * SECOND);
  expect(told).toEqual([]);
  table.expire(START_US + 6 * SECOND);
  const sum = (odd: number) => frames.reduce((bytes, { length }, i) => bytes + (i % 2 === odd ? length : 0), 0);
  expect(eves()).toEqual([
    {
      timestamp: '2023-11-14T22:13:20.005000+0000',
      event_type: 'flow',
      source: 'capture',
      src_ip: '10.0.0.1',
      src_port: 4000,
      dest_ip: '192.0.2.1',
      dest_port: 80,
      proto: 'TCP',
      vlan: [7, 9],
      community_id: communityId(TUPLE),
      flow: {
        pkts_toserver: 3,
        pkts_toclient: 3,
        bytes_toserver: sum(0),
        bytes_toclient: sum(1),
        start: '2023-11-14T22:13:20.000000+0000',
        end: '2023-11-14T22:13:20.005000+0000',
        age: 0,
        state: 'established',
        reason: 'closed',
      },
      tcp: { tcp_flags: '1b', tcp_flags_ts: '1b', tcp_flags_tc: '1b' },
    },
  ]);
  expect(table.size).toBe(0);
});

test('ICMP, IPv6 and protocols without ports are flows; ARP and what is no IP are none', () => {
  const table = tableWith();
  add(table, frame({ src: '10.0.0.1', dst: '10.0.0.2', proto: 1, icmp: [8, 0] }), START_US);
  add(table, frame({ src: '2001:db8::1', dst: '2001:db8::2', proto: 17, srcPort: 53, dstPort: 5353 }), START_US);
  add(table, frame({ src: '10.0.0.1', dst: '10.0.0.2', proto: 89 }), START_US);
  add(table, arp('10.0.0.1', '10.0.0.2'), START_US);
  add(table, Buffer.from('020000000001020000000002ffff0102030405', 'hex'), START_US);
  table.stop();
  const ping = { src: '10.0.0.1', dst: '10.0.0.2', proto: 1, srcPort: 8, dstPort: 0 };
  expect(eves()).toMatchObject([
    { proto: 'ICMP', icmp_type: 8, icmp_code: 0, community_id: communityId(ping), flow: { state: 'new' } },
    { proto: 'UDP', src_ip: '2001:db8::1', src_port: 53, dest_port: 5353 },
    { proto: 'OSPF', src_ip: '10.0.0.1', dest_ip: '10.0.0.2', flow: { reason: 'stopped' } },
  ]);
});

test('one that goes on is told in parts, a silent one once it is silent', () => {
  const table = tableWith();
  for (let second = 0; second <= 620; second += 20) {
    add(table, there(0x10), START_US + second * SECOND);
    table.expire(START_US + second * SECOND);
  }
  expect(told).toMatchObject([{ end: 'ongoing', flow: { toServer: { packets: 31 } } }]);
  table.expire(START_US + 700 * SECOND);
  expect(told).toMatchObject([{ end: 'ongoing' }, { end: 'timeout', flow: { toServer: { packets: 1 } } }]);
});

test('a scan: above so many new flows a second of one source, they and their answers are one counted record', () => {
  const table = tableWith({ newPerSecond: 50 });
  const other = frame({ src: '10.0.0.9', dst: '192.0.2.1', proto: 17, srcPort: 1, dstPort: 2 });
  for (let port = 1; port <= 1000; port++) {
    add(table, there(0x02, { dstPort: port }), START_US + port * 100);
    add(
      table,
      frame({ src: TUPLE.dst, dst: TUPLE.src, srcPort: port, dstPort: 4000, proto: 6, flags: 0x14 }),
      START_US + port * 100,
    );
  }
  add(table, other, START_US + SECOND / 2);
  expect(table.size).toBe(50 + 1 + 1);
  table.stop();
  const scans = eves().filter(({ scan }) => scan !== undefined);
  expect(scans).toMatchObject([
    { src_ip: '10.0.0.1', scan: { flows: 950 }, flow: { pkts_toserver: 950, pkts_toclient: 950 } },
  ]);
  expect(scans[0].dest_ip).toBeUndefined();
  expect(eves().reduce((sum, { flow }) => sum + flow!.pkts_toserver + flow!.pkts_toclient, 0)).toBe(2001);
});

test('a full table ends the oldest flows early, and loses no packet of the count', () => {
  const table = tableWith({ mostFlows: 100, newPerSecond: 1e9 });
  for (let i = 0; i < 1000; i++) add(table, there(0x02, { srcPort: i + 1, payload: Buffer.alloc(4) }), START_US + i);
  expect(table.size).toBe(100);
  expect(told).toHaveLength(900);
  expect(told.every(({ end }) => end === 'full')).toBe(true);
  expect(told[0].flow.startUs).toBe(START_US);
});
