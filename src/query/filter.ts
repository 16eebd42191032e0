// The filter words, parsed: one tree for packets, alerts, flows, hosts and logs. tcpdump's own words
// (pcap-filter(7)) plus the words of events. parse.ts makes it; each plan-*.ts turns it into something that runs.

import type { Tuple } from '../net/tuple.ts';
import type { Arithmetic, Relation } from './arithmetic.ts';

export type Direction = 'src' | 'dst' | 'either';

export type Filter =
  | { op: 'all' }
  | { op: 'and' | 'or'; terms: Filter[] }
  | { op: 'not'; term: Filter }
  | { op: 'host'; dir: Direction; address: string }
  | { op: 'net'; dir: Direction; cidr: string }
  | { op: 'port'; dir: Direction; from: number; to: number }
  | { op: 'proto'; proto: 'tcp' | 'udp' | 'icmp' | 'icmp6' | 'sctp' | 'ip' | 'ip6' | 'arp' | number }
  | { op: 'vlan'; id?: number }
  | { op: 'community-id'; id: string }
  | { op: 'length'; cmp: '<=' | '>='; bytes: number } // less, greater
  // words of packets only
  | { op: 'compare'; left: Arithmetic; relation: Relation; right: Arithmetic } // tcp[13] & 2 != 0
  | { op: 'inner'; term: Filter } // of what a tunnel carries
  | { op: 'flow'; tuple: Tuple } // both directions, later fragments, in tunnels, ICMP errors about it
  // words of events only; a plan for packets refuses them by name
  | { op: 'sid'; sid: number }
  | { op: 'severity'; cmp: '=' | '<=' | '>='; level: number }
  | { op: 'category'; text: string }
  | { op: 'phase'; phase: string }
  | { op: 'app'; text: string } // application protocol, or a log's program
  | { op: 'field'; name: string; value: string } // of a log event or an alert; * in the value stands for any text
  | { op: 'text'; text: string }; // a quoted string: substring, any case, of a signature or of a log line as it came
