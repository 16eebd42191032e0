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
  '_ws.malformed',
  'ip.cur_rt',
] as const;

/** What may lie between two IP headers for the inner one to count: the tunnels that the index knows. */
const BETWEEN = new Set(
  'udp gre vxlan geneve gtp teredo l2tp nsh erspan eth ethertype vlan mpls pwethheuristic pwethnocw pwethcw pppoes ppp icmp icmpv6 ipv6.hopopts ipv6.routing ipv6.dstopts ipv6.fraghdr'.split(
    ' ',
  ),
);
/** Where tshark takes a port at either end for a tunnel's, and the tunnel's own document that of the destination. */
const PORTS_TO: Readonly<Record<string, readonly number[]>> = {
  vxlan: [4789, 4790, 8472],
  geneve: [6081],
  gtp: [2152],
};
const PORTED: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };

export interface TrueFlow {
  tuple: Tuple;
  /** numbers from 1, ascending */
  frames: number[];
}

export interface TrueFlows {
  flows: TrueFlow[];
  /**
   * frames that tshark calls malformed, or that are cut short, fragments of IPv6, which it does not tell the ends of, and source
   * routes, whose end it takes for the destination
   */
  unclear: Set<number>;
  /** there is something that our words look behind and tcpdump's do not: VLAN tags, labels, IPv6 extension headers */
  beyondTcpdump: boolean;
}

const BEYOND_TCPDUMP = /^ppp:|:(vlan|mpls|pppoes|nsh|ieee8021ad|ipv6\.(hopopts|routing|dstopts|fraghdr))\b/;

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
    const isStrange = list('_ws.malformed').length > 0 || list('ip.cur_rt').length > 0;
    if (isStrange || /_ws\.short|ipv6\.fraghdr/.test(cells[1])) unclear.add(frame);
    for (const layer of layersOf(cells[1].split(':'), list)) {
      if (layer.fragment !== undefined && layer.outer && layer.fragment.later) {
        later.push({ name: layer.fragment.name, frame });
        continue;
      }
      if (layer.cut && layer.fragment === undefined) unclear.add(frame);
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
  /** there should be ports, but the packet ends before them */
  cut?: boolean;
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
      if (PORTS_TO[family]?.includes(layers.at(-1)?.tuple?.dstPort ?? 0) === false) break;
      continue;
    }
    // of VXLAN-GPE it gives no name
    if (protocols[i - 1] === 'udp' && layers.at(-1)?.tuple?.dstPort !== 4790) break;
    const [src, dst] = family === 'ip' ? [next('ip.src'), next('ip.dst')] : [next('ipv6.src'), next('ipv6.dst')];
    if (src === undefined || dst === undefined) break;
    const layer: Layer = { outer: layers.length === 0 };
    layers.push(layer);
    let proto = 0;
    if (family === 'ip') {
      proto = Number(next('ip.proto'));
      const [id, offset, more] = [next('ip.id'), next('ip.frag_offset'), next('ip.flags.mf')];
      const name = `${src} ${dst} ${proto} ${id}`;
      if (Number(offset) > 0 || more === '1' || more === 'True') layer.fragment = { name, later: Number(offset) > 0 };
    }
    const transport = protocols.slice(i + 1).find((name) => name in PORTED || name === 'ip' || name === 'ipv6');
    const isPorted = transport !== undefined && transport in PORTED;
    layer.cut = isPorted || Object.values(PORTED).includes(proto);
    if (!isPorted) continue;
    const ported = transport as 'tcp' | 'udp' | 'sctp';
    const [srcPort, dstPort] = [next(`${ported}.srcport`), next(`${ported}.dstport`)];
    if (srcPort === undefined || dstPort === undefined) continue;
    layer.cut = false;
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
