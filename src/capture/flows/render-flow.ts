// A flow as an EVE record of type "flow", so that every page and search treats it as one of the engine's.
// `source` says whose it is. See Suricata's documentation, "EVE JSON Format", event type flow.
import type { SensorEvent } from '../../api/event.ts';
import type { EveRecord } from '../../eve/record.ts';
import { formatAddress } from '../../net/address.ts';
import { communityId } from '../../net/community-id.ts';
import { formatProtocol, hasPorts, TCP } from '../../net/protocol-number.ts';
import { HAS_IPV4, NO_VLAN, swap16, W_DST, W_ICMP, W_KIND, W_PORTS, W_PROTO, W_SRC } from '../../pcap/key-words.ts';
import type { Flow, FlowEnd } from './flow-table.ts';

/** @param end why it is reported now */
export function renderFlow(flow: Flow, end: FlowEnd): SensorEvent {
  const { key, startUs, lastUs, toServer, toClient, scanFlows } = flow;
  const proto = key[W_PROTO] >>> 24;
  const src = renderAddress(key, W_SRC);
  const dst = renderAddress(key, W_DST);
  const srcPort = swap16(key[W_PORTS] & 0xffff);
  const dstPort = swap16(key[W_PORTS] >>> 16);
  const vlans = [(key[W_PROTO] >>> 12) & 0xfff, key[W_PROTO] & 0xfff].filter((id) => id !== NO_VLAN);
  const eve: EveRecord = {
    timestamp: renderTime(lastUs),
    event_type: 'flow',
    source: 'capture',
    src_ip: src,
    proto: formatProtocol(proto).toUpperCase(),
    flow: {
      pkts_toserver: toServer.packets,
      pkts_toclient: toClient.packets,
      bytes_toserver: toServer.bytes,
      bytes_toclient: toClient.bytes,
      start: renderTime(startUs),
      end: renderTime(lastUs),
      age: Math.round((lastUs - startUs) / 1e6),
      state: toClient.packets > 0 ? 'established' : 'new',
      reason: end,
    },
  };
  if (vlans.length > 0) eve.vlan = vlans;
  // of a scan only the source is the same throughout
  if (scanFlows > 0) return { type: 'flow', timeUs: startUs, eve: { ...eve, scan: { flows: scanFlows } } };
  eve.dest_ip = dst;
  if (hasPorts(proto)) Object.assign(eve, { src_port: srcPort, dest_port: dstPort });
  const [icmpType, icmpCode] = [key[W_ICMP] & 0xff, (key[W_ICMP] >>> 8) & 0xff];
  const isIcmp = proto === 1 || proto === 58;
  if (isIcmp) Object.assign(eve, { icmp_type: icmpType, icmp_code: icmpCode });
  eve.community_id = communityId({
    src,
    dst,
    proto,
    srcPort: isIcmp ? icmpType : srcPort,
    dstPort: isIcmp ? icmpCode : dstPort,
  });
  if (proto === TCP) {
    const hex = (flags: number) => flags.toString(16).padStart(2, '0');
    eve.tcp = {
      tcp_flags: hex(toServer.flags | toClient.flags),
      tcp_flags_ts: hex(toServer.flags),
      tcp_flags_tc: hex(toClient.flags),
    };
  }
  return { type: 'flow', timeUs: startUs, eve };
}

/** Its words hold the bytes as they lie in the packet. */
function renderAddress(key: Uint32Array, word: number): string {
  const isIpv4 = (key[W_KIND] & HAS_IPV4) !== 0;
  return formatAddress(new Uint8Array(key.slice(isIpv4 ? word + 3 : word, word + 4).buffer));
}

/** As Suricata writes times: microseconds, and the zone. */
function renderTime(timeUs: number): string {
  const micros = String(timeUs % 1000).padStart(3, '0');
  return `${new Date(Math.floor(timeUs / 1000)).toISOString().slice(0, -1)}${micros}+0000`;
}
