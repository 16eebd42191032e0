// tcpdump is the judge: the same words over the same packets select the same ones.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parseTuple } from '../../src/net/tuple.ts';
import { PacketKeyReader } from '../../src/pcap/packet-key.ts';
import { compilePacketFilter } from '../../src/query/packet-filter.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { planPacketAccess, tupleFilter } from '../../src/query/plan-packets.ts';
import { arp, ethernet, frame } from '../pcap/frames.ts';
import { pcap } from '../pcap/sample.ts';

const tcp = { src: '10.0.0.1', dst: '192.0.2.1', proto: 6, srcPort: 4000, dstPort: 80 };
const FRAMES = [
  frame(tcp),
  frame({ ...tcp, src: '192.0.2.1', dst: '10.0.0.1', srcPort: 80, dstPort: 4000 }),
  frame({ ...tcp, proto: 17, srcPort: 53, dstPort: 5353 }),
  frame({ ...tcp, proto: 17, fragment: 0x2000 }), // more fragments follow
  frame({ ...tcp, proto: 17, fragment: 185 }),
  frame({ ...tcp, proto: 132 }),
  frame({ ...tcp, proto: 1, icmp: [8, 0] }),
  frame({ ...tcp, proto: 47, payload: Buffer.alloc(100) }),
  frame({ ...tcp, src: '2001:db8::1', dst: '2001:db8:1::2', dstPort: 443 }),
  frame({ ...tcp, src: '2001:db8::1', dst: 'fe80::1', proto: 58, icmp: [135, 0] }),
  frame({ ...tcp, src: '2001:db8::1', dst: 'fe80::1', proto: 17, dstPort: 53 }),
  arp('10.0.0.1', '10.0.0.254'),
  ethernet(0x88cc, Buffer.alloc(60)),
  frame({ ...tcp, payload: Buffer.alloc(1400) }),
];
const TAGGED = [frame({ ...tcp, vlans: [7] }), frame({ ...tcp, vlans: [7, 9] })];

function ours(text: string, frames: readonly Buffer[]): number[] {
  const { packet } = compilePacketFilter(parseFilter(text));
  return frames.flatMap((bytes, i) => {
    const room = new Uint8Array((bytes.length + 1) & ~1);
    room.set(bytes);
    const keys = new PacketKeyReader(room.buffer);
    keys.read(0, bytes.length, 1);
    return packet(keys, bytes.length, 0) ? [i] : [];
  });
}

const hasTcpdump = spawnSync('tcpdump', ['--version']).status === 0;
if (!hasTcpdump) process.stderr.write('packet-filter.test.ts is partly skipped: it needs tcpdump\n');

test
  .skipIf(!hasTcpdump)
  .each([
    'host 10.0.0.1',
    'src host 10.0.0.1',
    'dst 10.0.0.1',
    'host 10.0.0.254',
    'net 10.0.0.0/8',
    'src net 192.0.2.0/24',
    'net 2001:db8::/48',
    'host 2001:db8::1',
    'port 80',
    'src port 80',
    'dst port 80',
    'tcp port 80 or 443',
    'udp port 53',
    'portrange 50-60',
    'tcp',
    'udp',
    'icmp',
    'icmp6',
    'sctp',
    'ip',
    'ip6',
    'arp',
    'ip proto 47',
    'ip proto 17',
    'not ip',
    'not port 80',
    'tcp or udp and port 53',
    '(tcp or udp) and not host 10.0.0.1',
    'less 100',
    'greater 1000',
    'not (tcp and port 80) and not arp',
    'src or dst port 53',
    'src host 10.0.0.1 and dst port 80',
    '',
  ])('%s', (text) => {
  const file = pcap(
    0xa1b2c3d4,
    true,
    FRAMES.map((bytes, i) => [i, 0, bytes]),
  );
  const judge = spawnSync('tcpdump', ['-nn', '-tt', '-r', '-', text], { input: file });
  const theirs = judge.stdout
    .toString()
    .split('\n')
    .filter((line) => /^\d+\.\d+ /.test(line))
    .map((line) => Number.parseInt(line, 10));
  expect(ours(text, FRAMES)).toEqual(theirs);
});

test('VLANs: any tag counts, and what is inside is found as well', () => {
  expect(ours('vlan', [...FRAMES, ...TAGGED])).toEqual([FRAMES.length, FRAMES.length + 1]);
  expect(ours('vlan 7', TAGGED)).toEqual([0, 1]);
  expect(ours('vlan 9', TAGGED)).toEqual([1]);
  expect(ours('vlan 4095', [...FRAMES, ...TAGGED])).toEqual([]);
  expect(ours('tcp port 80 and vlan 9', TAGGED)).toEqual([1]);
});

test('community id', () => {
  expect(ours('community-id 1:LQU9qZlK+B5F3KDmev6m5PMibrg=', FRAMES)).toEqual([]);
  const known = frame({ src: '128.232.110.120', dst: '66.35.250.204', proto: 6, srcPort: 34855, dstPort: 80 });
  expect(ours('community-id 1:LQU9qZlK+B5F3KDmev6m5PMibrg=', [...FRAMES, known])).toEqual([FRAMES.length]);
});

test('words of events are refused by name', () => {
  expect(() => compilePacketFilter(parseFilter('tcp and sid 5'))).toThrow(/packets cannot be searched by sid/);
  expect(() => compilePacketFilter(parseFilter('"text"'))).toThrow(/quoted text/);
});

test('the way through the index', () => {
  const by = (text: string) => planPacketAccess(parseFilter(text)).by;
  expect(by('')).toBe('all');
  expect(by('tcp')).toBe('scan');
  expect(by('not host 10.0.0.1')).toBe('scan');
  expect(by('host 10.0.0.1 and tcp')).toBe('host');
  expect(by('host 10.0.0.1 or host 10.0.0.2')).toBe('host');
  expect(by('host 10.0.0.1 or tcp')).toBe('scan');
  expect(by('tcp and host 10.0.0.1 and host 10.0.0.2 and port 80 and port 4000')).toBe('flow');
  // the other end, or the other port, is open
  expect(by('tcp and host 10.0.0.1 and host 10.0.0.1 and port 80 and port 4000')).toBe('host');
  expect(by('tcp and host 10.0.0.1 and host 10.0.0.2 and port 80 and port 80')).toBe('host');
  expect(by('icmp and src 10.0.0.1 and dst 10.0.0.1')).toBe('flow');
  expect(planPacketAccess(tupleFilter(parseTuple('10.0.0.1,4000,192.0.2.1,80,tcp'))).by).toBe('flow');
});
