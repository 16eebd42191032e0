// The kernel's program for syslog, run here by an interpreter: it lets through what the ports name and nothing else.
import { expect, test } from 'vitest';
import { planLogFilter } from '../../../src/capture/logs/plan-log-filter.ts';
import { runFilter } from '../../net/run-filter.ts';
import { arp, type FrameParts, frame, tunnelled } from '../../pcap/frames.ts';

const takes = (bytes: Buffer) => runFilter(planLogFilter([514, 5514]), bytes) >= bytes.length;
const v4 = { src: '10.0.0.1', dst: '192.0.2.9', proto: 17, srcPort: 40_000 };
const v6 = { ...v4, src: '2001:db8::1', dst: '2001:db8::9' };

test.each<[string, FrameParts]>([
  ['IPv4', { ...v4, dstPort: 514 }],
  ['the second port', { ...v4, dstPort: 5514 }],
  ['IPv6', { ...v6, dstPort: 514 }],
  ['a VLAN tag', { ...v4, dstPort: 514, vlans: [7] }],
  ['two VLAN tags', { ...v6, dstPort: 514, vlans: [7, 9] }],
  ['a first fragment', { ...v4, dstPort: 514, fragment: 0x2000 }],
  ['a later fragment, which names no port', { ...v4, fragment: 185 }],
  ['a first fragment, IPv6', { ...v6, dstPort: 514, fragment: 0x2000 }],
  ['a later fragment, IPv6', { ...v6, fragment: 185 }],
])('takes %s', (_, parts) => {
  expect(takes(frame(parts))).toBe(true);
});

test('takes a packet with IP options', () => {
  const plain = frame({ ...v4, dstPort: 514 });
  plain[14] = 0x46;
  expect(takes(Buffer.concat([plain.subarray(0, 34), Buffer.alloc(4, 1), plain.subarray(34)]))).toBe(true);
});

test.each<[string, Buffer]>([
  ['another port', frame({ ...v4, dstPort: 53 })],
  ['an answer from the port', frame({ ...v4, srcPort: 514, dstPort: 40_000 })],
  ['TCP', frame({ ...v4, proto: 6, dstPort: 514 })],
  ['a fragment of TCP', frame({ ...v6, proto: 6, fragment: 185 })],
  ['a first fragment to another port', frame({ ...v6, dstPort: 53, fragment: 0x2000 })],
  ['a tunnel', tunnelled('gre', v4, { ...v4, dstPort: 514 })],
  ['ARP', arp('10.0.0.1', '10.0.0.9')],
  ['a frame that is cut off', frame({ ...v4, dstPort: 514 }).subarray(0, 36)],
  ['three tags', frame({ ...v4, dstPort: 514, vlans: [1, 2, 3] })],
])('leaves %s', (_, bytes) => {
  expect(takes(bytes)).toBe(false);
});
