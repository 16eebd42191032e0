// EVE lines as a site's engine writes them, by kind about as often: flows and name service most of all, alerts seldom.
const START_MS = Date.UTC(2026, 10, 24, 8);

/** A time of EVE, `us` microseconds after the sample's start. */
const timeText = (us: number): string =>
  `${new Date(START_MS + Math.floor(us / 1000)).toISOString().slice(0, -1)}${String(us % 1000).padStart(3, '0')}+0000`;

/** An address of ours: one of up to 16 million. */
export const homeAddress = (host: number): string => `10.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}`;

const farAddress = (i: number): string => `${100 + (i % 90)}.${(i * 7) % 256}.${(i * 13) % 256}.${1 + (i % 250)}`;

/**
 * One line.
 * @param i its number: kind, ends and time follow from it
 * @param hosts how many of ours there are
 */
export function sampleLine(i: number, hosts: number): string {
  const timestamp = timeText(i * 50);
  const client = homeAddress((i * 2_654_435_761) % hosts);
  const server = farAddress((i * 31) % 5000);
  const common = {
    timestamp,
    flow_id: 1_000_000_000_000 + i,
    in_iface: 'mirror0',
    src_ip: client,
    src_port: 32_768 + (i % 28_000),
    dest_ip: server,
    proto: 'TCP',
    ip_v: 4,
    pkt_src: 'wire/pcap',
    community_id: `1:${Buffer.from(String(i).padStart(20, 'x')).toString('base64')}`,
  };
  const record = (event_type: string, dest_port: number, part: object) =>
    JSON.stringify({ ...common, event_type, dest_port, ...part });
  const kind = i % 100;
  if (kind < 45) return record('flow', 443, { app_proto: 'tls', flow: flowOf(i, timestamp), tcp: TCP });
  if (kind < 75) return record('dns', 53, { proto: 'UDP', dns: dnsOf(i, kind) });
  if (kind < 87) return record('tls', 443, { tls: tlsOf(i) });
  if (kind < 94) return record('http', 80, { http: httpOf(i) });
  if (kind < 97) return record('fileinfo', 80, { http: httpOf(i), app_proto: 'http', fileinfo: FILE });
  if (kind < 99) return record('smb', 445, { dest_ip: homeAddress(i % 200), smb: SMB });
  return record('alert', 443, { alert: alertOf(i), flow: flowOf(i, timestamp) });
}

const TCP = {
  tcp_flags: '1b',
  tcp_flags_ts: '1b',
  tcp_flags_tc: '1b',
  syn: true,
  fin: true,
  psh: true,
  ack: true,
  state: 'closed',
};
const FILE = {
  filename: '/img/a.png',
  magic: 'PNG image data',
  gaps: false,
  state: 'CLOSED',
  stored: false,
  size: 4312,
};
const SMB = {
  id: 3,
  dialect: '3.11',
  command: 'SMB2_COMMAND_CREATE',
  status: 'STATUS_SUCCESS',
  filename: 'share\\report.docx',
};

const flowOf = (i: number, start: string) => ({
  pkts_toserver: 12,
  pkts_toclient: 14,
  bytes_toserver: 1800 + (i % 900),
  bytes_toclient: 9000 + (i % 5000),
  start,
  end: start,
  age: i % 40,
  state: 'closed',
  reason: 'timeout',
  alerted: false,
});

function dnsOf(i: number, kind: number): object {
  const rrname = `host${i % 3000}.example${i % 700}.com`;
  const queries = [{ rrname, rrtype: 'A' }];
  if (kind % 2 === 0)
    return { version: 3, type: 'request', tx_id: 0, id: i % 65_536, rd: true, rcode: 'NOERROR', queries };
  const answers = [{ rrname, rrtype: 'A', ttl: 300, rdata: farAddress(i % 5000) }];
  return { version: 3, type: 'response', id: i % 65_536, qr: true, rcode: 'NOERROR', queries, answers };
}

const tlsOf = (i: number) => ({
  sni: `www.example${i % 4000}.com`,
  version: 'TLS 1.3',
  ja3: {
    hash: `e7d705a3286e19ea42f587b344ee68${(i % 90) + 10}`,
    string: '771,4865-4866-4867-49195,0-11-10-35-16-5,29-23-24,0',
  },
  ja4: `t13d1516h2_8daaf6152771_02713d6af8${(i % 90) + 10}`,
});

const httpOf = (i: number) => ({
  hostname: `static.example${i % 4000}.com`,
  url: `/img/${i}.png`,
  http_user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  http_content_type: 'image/png',
  http_method: 'GET',
  protocol: 'HTTP/1.1',
  status: 200,
  length: 4312,
});

const alertOf = (i: number) => ({
  action: 'allowed',
  gid: 1,
  signature_id: 2_000_000 + (i % 300),
  rev: 3,
  signature: i % 3 === 0 ? 'ET MALWARE Win32/Sample CnC Checkin' : 'ET USER_AGENTS sample',
  category: 'A Network Trojan was detected',
  severity: 1 + (i % 3),
  metadata: { confidence: ['Medium'], signature_severity: ['Major'] },
});
