// Small events for tests of the archive, the filter words and the pages.
import type { SensorEvent } from '../../src/api/event.ts';
import type { EveRecord } from '../../src/eve/record.ts';

export const NOON_US = Date.UTC(2026, 5, 1, 12) * 1000;

interface Ends {
  src?: string;
  srcPort?: number;
  dst?: string;
  dstPort?: number;
  proto?: string;
  timeUs?: number;
  vlan?: number[];
  app?: string;
}

const eveTime = (timeUs: number) => new Date(timeUs / 1000).toISOString().replace('Z', '000+0000');

const flowFields = (ends: Ends, event_type: string): EveRecord => ({
  timestamp: eveTime(ends.timeUs ?? NOON_US),
  flow_id: 1234567890123,
  in_iface: 'eth1',
  event_type,
  src_ip: ends.src ?? '10.0.0.5',
  src_port: ends.srcPort ?? 50_000,
  dest_ip: ends.dst ?? '192.0.2.9',
  dest_port: ends.dstPort ?? 443,
  proto: ends.proto ?? 'TCP',
  ...(ends.app === undefined ? {} : { app_proto: ends.app }),
  ...(ends.vlan === undefined ? {} : { vlan: ends.vlan }),
  community_id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
});

export function alertEvent(
  from: Ends & { sid?: number; severity?: number; signature?: string; category?: string },
): SensorEvent {
  const eve = flowFields(from, 'alert');
  eve.alert = {
    action: 'allowed',
    gid: 1,
    signature_id: from.sid ?? 2_024_217,
    rev: 3,
    signature: from.signature ?? 'ET EXPLOIT Possible ETERNALBLUE MS17-010 Echo Response',
    category: from.category ?? 'A Network Trojan was detected',
    severity: from.severity ?? 1,
  };
  return { type: 'alert', timeUs: from.timeUs ?? NOON_US, eve };
}

export function flowEvent(from: Ends & { toServer?: number; toClient?: number }): SensorEvent {
  const timeUs = from.timeUs ?? NOON_US;
  const eve = flowFields(from, 'flow');
  eve.flow = {
    pkts_toserver: 5,
    pkts_toclient: 4,
    bytes_toserver: from.toServer ?? 500,
    bytes_toclient: from.toClient ?? 4000,
    start: eveTime(timeUs - 2e6),
    end: eveTime(timeUs),
    state: 'closed',
  };
  return { type: 'flow', timeUs, eve };
}

export function logEvent(from: {
  timeUs?: number;
  sender?: string;
  host?: string;
  app?: string;
  severity?: number;
  message?: string;
}): SensorEvent {
  const timeUs = from.timeUs ?? NOON_US;
  const message = from.message ?? 'Failed password for root from 192.0.2.9 port 22 ssh2';
  return {
    type: 'log',
    timeUs,
    log: {
      timeUs,
      arrivedUs: timeUs,
      sender: from.sender ?? '10.0.0.2',
      transport: 'udp',
      facility: 10,
      severity: from.severity ?? 4,
      host: from.host ?? 'gate',
      app: from.app ?? 'sshd',
      message,
      raw: `<84>gate sshd: ${message}`,
      format: '3164',
    },
  };
}
