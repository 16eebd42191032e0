// EnginePlan -> the whole suricata.yaml for Suricata 7 or 8. The file is ours from first line to last: nothing is
// included and nothing inherited, so that the engine on the box and the one that reads a capture file differ in their
// input only. Settings that Suricata 7 does not know it passes over; only an unknown EVE type stops it.
import { MssError } from '../errors.ts';
import { NETWORKS_LIST } from '../rules/reputation.ts';
import type { EnginePlan } from './plan-engine.ts';
import { renderProtocols } from './render-app-layer.ts';
import { renderFileStore } from './render-file-store.ts';

/** Protocols whose records the engine writes as they are. */
const EVE_PROTOCOLS = 'ftp rdp nfs smb tftp ike dcerpc krb5 snmp rfb sip quic mqtt http2 bittorrent-dht'.split(' ');
const EVE_PROTOCOLS_SINCE_8 = 'ldap pop3 doh2 websocket mdns'.split(' ');

/**
 * Renders the configuration file.
 * @throws MssError `config` where HOME_NET has no block that is included
 */
export function renderSuricataYaml(plan: EnginePlan): string {
  const homeNet = addressGroup(plan.homeNet);
  return `%YAML 1.1
---
# Written by ids at every start; changes made here are lost. Settings: mss config.
suricata-version: "${plan.engineMajor < 8 ? '7.0' : '8.0'}"

vars:
  address-groups:
    HOME_NET: ${quote(homeNet)}
    EXTERNAL_NET: ${quote(homeNet === 'any' ? 'any' : '!$HOME_NET')}
${['HTTP', 'SMTP', 'SQL', 'DNS', 'TELNET', 'DC'].map((name) => `    ${name}_SERVERS: "$HOME_NET"\n`).join('')}\
    AIM_SERVERS: "$EXTERNAL_NET"
${['DNP3', 'MODBUS', 'ENIP'].map((name) => `    ${name}_CLIENT: "$HOME_NET"\n    ${name}_SERVER: "$HOME_NET"\n`).join('')}\
  port-groups:
    HTTP_PORTS: "80"
    SHELLCODE_PORTS: "!80"
    ORACLE_PORTS: 1521
    SSH_PORTS: 22
    DNP3_PORTS: 20000
    MODBUS_PORTS: 502
    FILE_DATA_PORTS: "[$HTTP_PORTS,110,143]"
    FTP_PORTS: 21
    GENEVE_PORTS: 6081
    VXLAN_PORTS: 4789
    TEREDO_PORTS: 3544
    SIP_PORTS: "[5060, 5061]"

default-rule-path: ${quote(dirOf(plan.files.rulesFile))}
rule-files:
  - ${quote(plan.files.rulesFile)}
${plan.files.thresholdsFile === undefined ? '' : `threshold-file: ${quote(plan.files.thresholdsFile)}\n`}\
classification-file: ${quote(`${plan.files.configDir}/classification.config`)}
reference-config-file: ${quote(`${plan.files.configDir}/reference.config`)}
${renderReputationFiles(plan.files)}
default-log-dir: ${quote(plan.files.logDir)}
logging:
  default-log-level: notice
  outputs:
    - console:
        enabled: yes

stats:
  enabled: yes
  interval: 8
  decoder-events: no

outputs:
${renderEve(plan)}${renderFileStore(plan.fileStore, quote)}
${renderInput(plan)}
unix-command:
  enabled: yes
  filename: ${quote(plan.files.commandSocket)}

${renderMemory(plan)}
${renderProtocols(plan)}
${LIMITS}
# the limit also forbids threads, which reading files starts for each file
security:
  limit-noproc: ${plan.mode === 'live' ? 'true' : 'false'}
  lua:
    allow-rules: no
detect:
  profile: medium
  sgh-mpm-context: auto
${plan.files.cacheDir === undefined ? '  sgh-mpm-caching: no\n' : `  sgh-mpm-caching: yes\n  sgh-mpm-caching-path: ${quote(plan.files.cacheDir)}\n`}\
  thresholds:
    hash-size: 16384
    memcap: ${plan.memory.thresholdBytes}
mpm-algo: auto
spm-algo: auto
`;
}

function renderReputationFiles({ categoriesFile, rulesFile }: EnginePlan['files']): string {
  if (categoriesFile === undefined) return '';
  return `reputation-categories-file: ${quote(categoriesFile)}
default-reputation-path: ${quote(dirOf(rulesFile))}
reputation-files: [${NETWORKS_LIST}]
`;
}

function renderEve({ engineMajor, mode, files, oldDigests }: EnginePlan): string {
  const protocols = engineMajor < 8 ? EVE_PROTOCOLS : [...EVE_PROTOCOLS, ...EVE_PROTOCOLS_SINCE_8];
  // named by the second of opening, so that names sort by time whatever the time zone does
  const target =
    mode === 'live'
      ? `filename: ${quote(`${files.eveDir}/eve-%s.json`)}\n      rotate-interval: minute\n      filemode: 640`
      : 'filename: eve.json';
  return `  - eve-log:
      enabled: yes
      filetype: regular
      ${target}
      community-id: true
      community-id-seed: 0
      types:
        - alert:
            payload: no
            payload-printable: no
            packet: no
            http-body: no
            http-body-printable: no
            tagged-packets: no
            metadata:
              app-layer: true
              flow: true
              rule:
                metadata: true
                raw: false
        - anomaly:
            enabled: yes
            types:
              decode: no
              stream: no
              applayer: yes
        - http:
            extended: yes
        - dns:
            requests: yes
            responses: yes
        - tls:
            extended: yes
            ja3: yes
            ja4: yes
            session-resumption: yes
        - files:
            force-magic: yes
            force-hash: [${oldDigests ? 'md5, sha1, sha256' : 'sha256'}]
        - dhcp:
            enabled: yes
            extended: yes
        - ssh:
            hassh: yes
        - smtp:
            extended: yes
        - stats:
            totals: yes
            threads: no
            deltas: no
        - flow
${protocols.map((name) => `        - ${name}`).join('\n')}
`;
}

function renderInput(plan: EnginePlan): string {
  // Checksums are not judged: offloading NICs and virtual switches hand over packets whose checksum is not filled in yet.
  if (plan.mode === 'files') {
    return `# one thread: the same file gives the same records in the same order
runmode: single
pcap-file:
  checksum-checks: no
`;
  }
  const interfaces = plan.interfaces.map(
    ({ name, threads, clusterId, ringPackets, blockBytes }) => `  - interface: ${quote(name)}
    threads: ${threads}
    cluster-id: ${clusterId}
    cluster-type: cluster_flow
    defrag: yes
    use-mmap: yes
    tpacket-v3: yes
    ring-size: ${ringPackets}
    block-size: ${blockBytes}
    block-timeout: 100
    checksum-checks: no
    disable-promisc: no
`,
  );
  return `runmode: workers\naf-packet:\n${interfaces.join('')}`;
}

function renderMemory({ mode, memory, maxPendingPackets, midstream }: EnginePlan): string {
  return `max-pending-packets: ${maxPendingPackets}
flow:
  memcap: ${memory.flowBytes}
  hash-size: ${memory.flowHashSize}
  prealloc: ${memory.flowPrealloc}
  emergency-recovery: 30
${FLOW_TIMEOUTS}\
stream:
  memcap: ${memory.streamBytes}
  checksum-validation: no
  midstream: ${midstream}
  inline: no
  reassembly:
    memcap: ${memory.reassemblyBytes}
    depth: 1mb
    toserver-chunk-size: 2560
    toclient-chunk-size: 2560
    # random on the wire, where a known cut would invite evasion; the same file gives the same alerts
    randomize-chunk-size: ${mode === 'live' ? 'yes' : 'no'}
    urgent:
      policy: oob
      oob-limit-policy: drop
defrag:
  memcap: ${memory.defragBytes}
  hash-size: 16384
  trackers: 16384
  max-frags: 16384
  prealloc: yes
  timeout: 60
host:
  hash-size: 4096
  prealloc: 1000
  memcap: ${memory.hostBytes}
`;
}

// The stock configuration's: what is compiled into the engine gives up a TCP flow at once when both ends closed it, and
// a late packet then makes a second flow of it.
const FLOW_TIMEOUTS = `flow-timeouts:
  default:
    new: 30
    established: 300
    closed: 0
    bypassed: 100
    emergency-new: 10
    emergency-established: 100
    emergency-closed: 0
    emergency-bypassed: 50
  tcp:
    new: 60
    established: 600
    closed: 60
    bypassed: 100
    emergency-new: 5
    emergency-established: 100
    emergency-closed: 10
    emergency-bypassed: 50
  udp:
    new: 30
    established: 300
    bypassed: 100
    emergency-new: 10
    emergency-established: 100
    emergency-bypassed: 50
  icmp:
    new: 30
    established: 300
    bypassed: 100
    emergency-new: 10
    emergency-established: 100
    emergency-bypassed: 50
`;

// Rules are code from elsewhere: they may not write files, name files outside the rule folder, or run scripts.
const LIMITS = `datasets:
  rules:
    allow-write: no
    allow-absolute-filenames: no
coredump:
  max-dump: 0
host-mode: sniffer-only
exception-policy: ignore
asn1-max-frames: 256
pcre:
  match-limit: 3500
  match-limit-recursion: 1500
host-os-policy:
  windows: [0.0.0.0/0]
vlan:
  use-for-tracking: true
livedev:
  use-for-tracking: true
decoder:
  recursion-level:
    use-for-tracking: true
  teredo:
    enabled: true
    ports: $TEREDO_PORTS
  vxlan:
    enabled: true
    ports: $VXLAN_PORTS
  geneve:
    enabled: true
    ports: $GENEVE_PORTS
`;

/** HOME_NET in Suricata's words: exceptions stay, all of the address space is `any`. */
function addressGroup(blocks: readonly string[]): string {
  const included = blocks.filter((block) => !block.startsWith('!'));
  if (included.length === 0) {
    throw new MssError('config', 'ids.homeNet: no network is included; name at least one block, like 10.0.0.0/8');
  }
  if (blocks.length === 1 && (blocks[0] === '0.0.0.0/0' || blocks[0] === '::/0')) return 'any';
  return `[${blocks.join(',')}]`;
}

function quote(text: string): string {
  if (/["\\\u0000-\u001f\u007f]/.test(text)) {
    throw new MssError('config', `${JSON.stringify(text)} cannot be a value of suricata.yaml; use plain characters`);
  }
  return `"${text}"`;
}

const dirOf = (file: string): string => file.slice(0, Math.max(1, file.lastIndexOf('/')));
