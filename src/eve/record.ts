// Suricata's EVE JSON as it is on disk: the fields we read are typed, all others pass through untouched.
// Spelling is Suricata's. See its documentation, "EVE JSON Format".

export interface EveAlert {
  action: string;
  gid: number;
  signature_id: number;
  rev: number;
  signature: string;
  category: string;
  severity: number;
  metadata?: Record<string, string[]>;
  [field: string]: unknown;
}

export interface EveFlow {
  pkts_toserver: number;
  pkts_toclient: number;
  bytes_toserver: number;
  bytes_toclient: number;
  start: string;
  end?: string;
  state?: string;
  reason?: string;
  alerted?: boolean;
  [field: string]: unknown;
}

export interface EveRecord {
  timestamp: string;
  event_type: string;
  flow_id?: number | bigint;
  in_iface?: string;
  src_ip?: string;
  src_port?: number;
  dest_ip?: string;
  dest_port?: number;
  proto?: string;
  app_proto?: string;
  community_id?: string;
  vlan?: number[];
  pcap_cnt?: number;
  alert?: EveAlert;
  flow?: EveFlow;
  /** of an alert, added by ids: how far up the list it belongs (-100..100), and why */
  mss?: { rank: number; reasons: string[]; class?: string; action?: string };
  [field: string]: unknown;
}
