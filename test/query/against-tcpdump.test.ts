// Random filters over packets of all kinds: tcpdump, which is the judge, selects the same ones.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PacketKeyReader } from '../../src/pcap/packet-key.ts';
import { compilePacketFilter } from '../../src/query/packet-filter.ts';
import { parseFilter } from '../../src/query/parse.ts';
import { arp, ethernet, frame, icmpError, tunnelled } from '../pcap/frames.ts';
import { pcap } from '../pcap/sample.ts';

const tcp = { src: '10.0.0.1', dst: '192.0.2.1', proto: 6, srcPort: 4000, dstPort: 80 };
const v6 = { ...tcp, src: '2001:db8::1', dst: '2001:db8:1::2' };
const FRAMES = [
  ...[2, 4, 16, 18, 24, 17].map((flags) => frame({ ...tcp, flags, seq: flags * 1000 })),
  frame({ ...tcp, src: '192.0.2.1', dst: '10.0.0.1', srcPort: 80, dstPort: 4000, flags: 0x12 }),
  frame({ ...tcp, proto: 17, srcPort: 53, dstPort: 5353, payload: Buffer.alloc(300) }),
  frame({ ...tcp, proto: 17, fragment: 0x2000, identification: 7 }),
  frame({ ...tcp, proto: 17, fragment: 185, identification: 7 }),
  frame({ ...tcp, fragment: 185, identification: 9 }),
  frame({ ...tcp, proto: 132 }),
  ...[8, 0, 3].map((type) => frame({ ...tcp, proto: 1, icmp: [type, 1] })),
  ...[2, 50, 51, 103, 112].map((proto) => frame({ ...tcp, dst: '224.0.0.5', proto, payload: Buffer.alloc(40) })),
  frame({ ...v6, dstPort: 443 }),
  frame({ ...v6, proto: 17, dst: 'ff02::fb', srcPort: 5353, dstPort: 5353 }),
  frame({ ...v6, proto: 58, icmp: [135, 0] }),
  arp('10.0.0.1', '10.0.0.254'),
  ethernet(0x88cc, Buffer.alloc(60)),
  Buffer.concat([Buffer.alloc(6, 0xff), frame(tcp).subarray(6)]),
  frame({ ...tcp, payload: Buffer.alloc(1400) }),
  tunnelled('vxlan', { src: '10.0.0.1', dst: '10.0.0.9' }, tcp),
  tunnelled('gre', { src: '10.0.0.1', dst: '10.0.0.9' }, tcp),
  icmpError('10.0.0.254', tcp),
];

const dir = fc.constantFrom('', 'src ', 'dst ', 'src or dst ', 'src and dst ');
const number = fc.oneof(
  fc.constantFrom('0', '1', '2', '0x12', '17', '80', '255', 'tcp-syn', 'tcp-ack', 'icmp-echo'),
  fc.nat(1600).map(String),
);
const load = fc
  .tuple(
    fc.constantFrom('ether', 'ip', 'ip6', 'arp', 'tcp', 'udp', 'icmp', 'icmp6'),
    fc.oneof(fc.constantFrom('0', '13', 'tcpflags', '(ip[0] & 0xf) * 2'), fc.nat(70).map(String)),
    fc.constantFrom('', ':1', ':2', ':4'),
  )
  .map(([proto, at, bytes]) => `${proto}[${at}${bytes}]`);
const arithmetic = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    // of what stands on the right of a sign tcpdump does not ask whether the packet has such a header; we do
    fc.nat(20).map((at) => `ether[${at}]`),
    number,
    fc.constant('len'),
    fc
      .tuple(tie('tree'), fc.constantFrom('+', '-', '*', '&', '|'), tie('tree'), fc.boolean())
      .map(([a, sign, b, closed]) => (closed ? `(${a} ${sign} ${b})` : `${a} ${sign} ${b}`)),
    fc.tuple(tie('tree'), fc.constantFrom('<<', '>>'), fc.integer({ min: 0, max: 8 })).map((parts) => parts.join(' ')),
  ),
})).tree;
const comparison = fc
  .tuple(
    load,
    fc.constantFrom('', ' & ', ' + ', ' | '),
    arithmetic,
    fc.constantFrom('=', '!=', '>', '>=', '<', '<='),
    number,
  )
  .map(([left, sign, more, relation, right]) => `${left}${sign && sign + more} ${relation} ${right}`);
const leaf = fc.oneof(
  fc.tuple(dir, fc.constantFrom('10.0.0.1', '192.0.2.1', '2001:db8::1', '224.0.0.5')).map(([d, a]) => `${d}host ${a}`),
  fc.tuple(dir, fc.constantFrom('10.0.0.0/8', '192.0.2', '2001:db8::/32', '0.0.0.0/0')).map(([d, n]) => `${d}net ${n}`),
  fc
    .tuple(fc.constantFrom('', 'tcp ', 'udp '), dir, fc.constantFrom(80, 4000, 53))
    .map(([p, d, n]) => `${p}${d}port ${n}`),
  fc.tuple(dir, fc.constantFrom('50-60', '79-4000')).map(([d, r]) => `${d}portrange ${r}`),
  fc.constantFrom('tcp', 'udp', 'icmp', 'icmp6', 'sctp', 'ip', 'ip6', 'arp', 'igmp', 'esp', 'ah', 'pim', 'vrrp'),
  fc.constantFrom('ip proto 47', 'ip proto 17', 'ether proto 0x88cc', 'broadcast', 'multicast', 'ip multicast'),
  fc.constantFrom('ether host 02:00:00:00:00:01', 'ether src 02:00:00:00:00:02', 'ip6 multicast', 'ether broadcast'),
  fc.tuple(fc.constantFrom('less', 'greater'), fc.nat(400)).map((parts) => parts.join(' ')),
  comparison,
);
const filter = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    { weight: 3, arbitrary: leaf },
    fc
      .tuple(tie('tree'), fc.constantFrom('and', 'or', '&&', '||'), tie('tree'))
      .map(([a, op, b]) => `(${a}) ${op} (${b})`),
    fc.tuple(fc.constantFrom('not', '!'), tie('tree')).map(([not, a]) => `${not} (${a})`),
  ),
})).tree;

function ours(text: string): number[] {
  const { packet } = compilePacketFilter(parseFilter(text));
  return FRAMES.flatMap((bytes, i) => {
    const room = new Uint8Array((bytes.length + 1) & ~1);
    room.set(bytes);
    const keys = new PacketKeyReader(room.buffer);
    keys.read(0, bytes.length, 1);
    return packet(keys, bytes.length, 0) ? [i] : [];
  });
}

const FILE = pcap(
  0xa1b2c3d4,
  true,
  FRAMES.map((bytes, i) => [i, 0, bytes]),
);

/** Undefined where tcpdump refuses the filter. */
function theirs(text: string): number[] | undefined {
  // -O: its optimizer leaves out loads that would have rejected a short packet
  const judge = spawnSync('tcpdump', ['-O', '-nn', '-tt', '-r', '-', text], { input: FILE });
  if (judge.status !== 0) return undefined;
  return judge.stdout
    .toString()
    .split('\n')
    .filter((line) => /^\d+\.\d+ /.test(line))
    .map((line) => Number.parseInt(line, 10));
}

const hasTcpdump = spawnSync('tcpdump', ['--version']).status === 0;
if (!hasTcpdump) process.stderr.write('against-tcpdump.test.ts is skipped: it needs tcpdump\n');

test.skipIf(!hasTcpdump)('any filter selects what tcpdump selects', () => {
  const runs = Number(process.env.MSS_FILTER_RUNS ?? 150);
  let judged = 0;
  fc.assert(
    fc.property(filter, (text) => {
      const judge = theirs(text);
      if (judge === undefined) return; // words that exclude one another are an error there
      judged++;
      expect([text, ours(text)]).toEqual([text, judge]);
    }),
    { numRuns: runs },
  );
  expect(judged).toBeGreaterThan(runs / 2);
});
