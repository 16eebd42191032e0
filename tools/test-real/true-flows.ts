// The flows of a capture file as tshark sees them, frame by frame: in tunnels, quoted in ICMP errors, and by their later
// fragments. The judge of what `--flow` finds.
import { spawnSync } from 'node:child_process';
import type { Tuple } from '../../src/net/tuple.ts';

const FIELDS = [
  'frame.number',
  'frame.protocols',
  'ip.src',
  'ip.dst',
  'ip.proto',
  'ip.id',
  'ip.frag_offset',
  'ip.flags.mf',
  'ipv6.src',
  'ipv6.dst',
  'tcp.srcport',
  'tcp.dstport',
  'udp.srcport',
  'udp.dstport',
  'sctp.srcport',
  'sctp.dstport',
] as const;

/** What may lie between two IP headers for the inner one to count: the tunnels that the index knows. */
const BETWEEN = new Set(
  'udp gre vxlan geneve erspan eth ethertype vlan mpls pwethheuristic pwethnocw pwethcw pppoes ppp icmp icmpv6 ipv6.hopopts ipv6.routing ipv6.dstopts ipv6.fraghdr'.split(
    ' ',
  ),
);
const PORTED: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };

export interface TrueFlow {
  tuple: Tuple;
  /** numbers from 1, ascending */
  frames: number[];
}

export interface TrueFlows {
  flows: TrueFlow[];
  /** frames that tshark calls malformed or cut short, and fragments of IPv6, which it does not tell the ends of */
  unclear: Set<number>;
  /** there is something that our words look behind and tcpdump's do not: VLAN tags, labels, IPv6 extension headers */
  beyondTcpdump: boolean;
}

const BEYOND_TCPDUMP = /:(vlan|mpls|pppoes|ieee8021ad|ipv6\.(hopopts|routing|dstopts|fraghdr))\b/;

/** Flows with ports, each with all its frames. */
export function readTrueFlows(path: string): TrueFlows {
  const args = [
    ...['-n', '-r', path, '-d', 'udp.port==8472,vxlan', '-T', 'fields', '-E', 'separator=/t', '-E', 'occurrence=a'],
    ...['ip.defragment', 'ipv6.defragment', 'tcp.desegment_tcp_streams'].flatMap((name) => ['-o', `${name}:FALSE`]),
    ...FIELDS.flatMap((field) => ['-e', field]),
  ];
  const { stdout } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  const flows = new Map<string, TrueFlow>();
  const firsts = new Map<string, Set<TrueFlow>>();
  const later: { name: string; frame: number }[] = [];
  const unclear = new Set<number>();
  let beyondTcpdump = false;
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    const cells = line.split('\t');
    const list = (name: (typeof FIELDS)[number]) => (cells[FIELDS.indexOf(name)] ?? '').split(',').filter(Boolean);
    const frame = Number(cells[0]);
    beyondTcpdump ||= BEYOND_TCPDUMP.test(cells[1]);
    if (/_ws\.malformed|_ws\.short|ipv6\.fraghdr/.test(cells[1])) unclear.add(frame);
    for (const layer of layersOf(cells[1].split(':'), list)) {
      if (layer.fragment !== undefined && layer.outer && layer.fragment.later) {
        later.push({ name: layer.fragment.name, frame });
        continue;
      }
      if (layer.tuple === undefined) continue;
      const flow = flowFor(flows, layer.tuple);
      if (flow.frames.at(-1) !== frame) flow.frames.push(frame);
      if (layer.outer && layer.fragment !== undefined) {
        const known = firsts.get(layer.fragment.name) ?? new Set();
        firsts.set(layer.fragment.name, known.add(flow));
      }
    }
  }
  for (const { name, frame } of later) for (const flow of firsts.get(name) ?? []) flow.frames.push(frame);
  for (const flow of flows.values()) flow.frames = [...new Set(flow.frames)].sort((a, b) => a - b);
  return { flows: [...flows.values()], unclear, beyondTcpdump };
}

interface Layer {
  outer: boolean;
  tuple?: Tuple;
  /** of IPv4 */
  fragment?: { name: string; later: boolean };
}

/** IP headers of a frame in order, up to a tunnel that the index does not know. */
function layersOf(protocols: readonly string[], list: (name: (typeof FIELDS)[number]) => string[]): Layer[] {
  const taken: Record<string, number> = {};
  const next = (name: (typeof FIELDS)[number]) => {
    const at = taken[name] ?? 0;
    taken[name] = at + 1;
    return list(name)[at];
  };
  const layers: Layer[] = [];
  for (let i = 0; i < protocols.length; i++) {
    const family = protocols[i];
    if (family !== 'ip' && family !== 'ipv6') {
      if (layers.length > 0 && !BETWEEN.has(family) && !(family in PORTED)) break;
      continue;
    }
    const [src, dst] = family === 'ip' ? [next('ip.src'), next('ip.dst')] : [next('ipv6.src'), next('ipv6.dst')];
    if (src === undefined || dst === undefined) break;
    const layer: Layer = { outer: layers.length === 0 };
    layers.push(layer);
    if (family === 'ip') {
      const [proto, id, offset, more] = [next('ip.proto'), next('ip.id'), next('ip.frag_offset'), next('ip.flags.mf')];
      const name = `${src} ${dst} ${proto} ${id}`;
      if (Number(offset) > 0 || more === '1' || more === 'True') layer.fragment = { name, later: Number(offset) > 0 };
    }
    const transport = protocols.slice(i + 1).find((name) => name in PORTED || name === 'ip' || name === 'ipv6');
    if (transport === undefined || !(transport in PORTED)) continue;
    const ported = transport as 'tcp' | 'udp' | 'sctp';
    const [srcPort, dstPort] = [next(`${ported}.srcport`), next(`${ported}.dstport`)];
    if (srcPort === undefined || dstPort === undefined) continue;
    layer.tuple = { src, srcPort: Number(srcPort), dst, dstPort: Number(dstPort), proto: PORTED[ported] };
  }
  return layers;
}

function flowFor(flows: Map<string, TrueFlow>, tuple: Tuple): TrueFlow {
  const ends = [`${tuple.src}/${tuple.srcPort}`, `${tuple.dst}/${tuple.dstPort}`].sort();
  const name = `${ends.join(' ')} ${tuple.proto}`;
  const known = flows.get(name) ?? { tuple, frames: [] };
  flows.set(name, known);
  return known;
}
