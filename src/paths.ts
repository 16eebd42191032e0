// Every path on the box, in one place. MSS_ROOT puts them all under another folder (tests, a developer's machine).

/** The service names: one systemd unit `mss-<name>.service` each, one folder under services/. */
export const SERVICES = [
  'firstboot',
  'control',
  'capture',
  'suricata',
  'ids',
  'softips',
  'syslog-x',
  'updater',
  'console',
  'portal',
] as const;
export type ServiceName = (typeof SERVICES)[number];

/**
 * Streams of the event spool, named after the one service that writes each; `blocks` are ids' wishes to softips,
 * `verdicts` a person's words, from the portal to ids.
 */
export const STREAMS = ['capture', 'ids', 'blocks', 'softips', 'syslog-x', 'verdicts'] as const;
export type StreamName = (typeof STREAMS)[number];

export type Paths = ReturnType<typeof pathsUnder>;

/** All paths, each below `root` ('' on the box). */
export function pathsUnder(root: string) {
  return {
    root,
    // what a person edits, and the identity
    uuidFile: `${root}/nsm/etc/UUID`,
    settingsFile: `${root}/nsm/etc/settings.sh`,
    mssScript: `${root}/nsm/etc/mss.sh`,
    seedFile: `${root}/nsm/etc/seed.json`,
    /** which steps of first start are done, and which answers were wrong */
    firstStartFile: `${root}/var/lib/mss/firstboot/state.json`,
    /** the management network as it was set last: local, never pushed */
    managementFile: `${root}/nsm/etc/management.json`,
    /** root's hash as every copy of the appliance ships it; absent on plain Linux */
    shippedHashFile: `${root}/nsm/etc/.shipped-hash`,
    /** whom to turn to, in the owner's own words */
    contactFile: `${root}/nsm/etc/contact.txt`,
    // the running release
    currentRelease: `${root}/nsm/current`,
    // the one configuration document
    desiredFile: `${root}/var/lib/mss/desired.json`,
    stateDir: (service: ServiceName) => `${root}/var/lib/mss/${service}`,
    /** what a writer of the loss ledger counted: capture the stored path, ids the inspected one */
    ledgerDir: (service: 'capture' | 'ids') => `${root}/var/lib/mss/${service}/ledger`,
    // rules: sets under ids' state, local rules a person writes
    localRulesDir: `${root}/nsm/etc/rules`,
    /** Sigma rules for logs that a person writes, and what placeholders in them stand for */
    localLogRulesDir: `${root}/nsm/etc/log-rules`,
    /** country.mmdb and asn.mmdb: those that a person put there go before the shipped ones */
    originsDirs: [`${root}/nsm/etc/origins`, `${root}/nsm/current/origins`],
    // events
    spoolDir: (stream: StreamName) => `${root}/var/spool/mss/${stream}`,
    eveDir: `${root}/var/spool/mss/eve`,
    /** a spool stream that no archive reads: syslog seen on the promiscuous interface, from capture to syslog-x */
    sniffedLogsDir: `${root}/var/spool/mss/sniffed-logs`,
    /** files out of the traffic: the engine writes, ids keeps the quota, the portal reads */
    filesDir: `${root}/var/spool/mss/files`,
    /** SHA-256 digests of known bad files, one a line */
    badFilesList: `${root}/nsm/etc/bad-sha256.txt`,
    archiveFile: `${root}/var/lib/mss/portal/archive.duckdb`,
    /** local accounts of the pages: root writes, the portal reads */
    accountsFile: `${root}/var/lib/mss/portal/accounts.json`,
    // generated, gone at reboot
    runDir: `${root}/run/mss`,
    statusDir: `${root}/run/mss/status`,
    statusFile: (service: ServiceName) => `${root}/run/mss/status/${service}.json`,
    /** how it last ended without being told to; absent while it never did */
    exitFile: (service: ServiceName) => `${root}/run/mss/exits/mss-${service}.exit`,
    suricataDir: `${root}/run/mss/suricata`,
    suricataYaml: `${root}/run/mss/suricata/suricata.yaml`,
    suricataSocket: `${root}/run/mss/suricata/command.sock`,
    controlSocket: (caller: string) => `${root}/run/mss/control/${caller}.sock`,
    portalSocket: `${root}/run/mss/portal/api.sock`,
    /** private keys to encrypted packets that are unlocked for a time: in memory */
    unlockedKeysDir: `${root}/run/mss/packet-keys`,
    /** where the packet log is now: {@link import('./api/storage.ts').Storage} */
    storageFile: `${root}/run/mss/storage.json`,
    /** mount point of the packet disk or share, and the fall-back on the system disk */
    packetMount: `${root}/nsm/packets`,
    packetFallback: `${root}/var/lib/mss/packets`,
    /** where a share is mounted whose own folder lets only root in; not below /run/mss, which uninstalling deletes */
    closedShareMount: `${root}/nsm/share`,
  };
}

/** The paths of this process. */
export const paths = pathsUnder(process.env.MSS_ROOT ?? '');
