// THE configuration tree of a sensor: type, default, check, label and help of every key in one place.
// `mss config`, the web form and the controller all read this; nothing else describes a key.
import * as v from 'valibot';
import { bool, integer, list, MATCHER, section, text } from './key-shapes.ts';
import { LOG_KEYS } from './log-keys.ts';
import { MAIL, SIEM } from './outlets.ts';

const CIDR =
  /^!?([0-9]{1,3}(\.[0-9]{1,3}){3}(\/([0-9]|[12][0-9]|3[0-2]))?|[0-9a-fA-F:]*:[0-9a-fA-F:.]*(\/[0-9]{1,3})?)$/;
const INTERFACE = /^[A-Za-z0-9_.-]{1,15}$/;
const FEED = /^(https?:\/\/|\/)[^\s]{1,500}$/;

/** What a class of alerts does; `ignore` keeps them and makes nothing of them, `delete` does not even keep them. */
export const CLASS_ACTIONS = ['highlight', 'block', 'mail', 'ignore', 'delete', 'rank', 'disabled'] as const;

/** Log events that a class picks out become alerts of their own. */
export const CLASS_SUBJECTS = ['alerts', 'logs'] as const;

const classes = (max: number, label: string, help: string) =>
  v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          name: v.pipe(v.string(), v.regex(/^[^\u0000-\u001f\u007f]{1,80}$/, 'must be a name of one line')),
          words: v.pipe(v.string(), v.maxLength(1000), v.nonEmpty('must be filter words')),
          action: v.picklist(CLASS_ACTIONS),
          rank: v.optional(v.pipe(v.number(), v.integer(), v.minValue(-100), v.maxValue(100)), 0),
          /** what its words are asked of; absent: alerts */
          of: v.optional(v.picklist(CLASS_SUBJECTS)),
          /** counts on sensors of this domain only; absent: on all */
          domain: v.optional(v.pipe(v.string(), v.regex(/^[^\u0000-\u001f\u007f]{1,63}$/, 'must be a domain'))),
        }),
      ),
      v.maxLength(max),
      v.check((found) => new Set(found.map(({ name }) => name)).size === found.length, 'names must differ'),
      v.title(label),
      v.description(help),
    ),
    [],
  );

export const SensorConfigSchema = v.pipe(
  v.strictObject({
    version: integer(1, 1, Number.MAX_SAFE_INTEGER, 'Version', 'Counts up with every change; the newest wins.'),
    sensor: section('Sensor', {
      name: text('sensor', 63, 'Name', 'What pages and mails call this sensor.'),
      domain: text('default', 63, 'Domain', 'The group of sensors it belongs to.'),
    }),
    capture: section('Capture', {
      interfaces: list(
        [],
        16,
        INTERFACE,
        'an interface name',
        'Promiscuous interfaces',
        'Empty: every interface that has no address.',
      ),
      bond: list(
        [],
        16,
        INTERFACE,
        'an interface name',
        'Interfaces read as one (bond0)',
        'Two or more that carry parts of the same traffic, as the two sides of a tap do. Empty: no bond.',
      ),
      workers: integer(0, 0, 16, 'Threads', 'So many share the packets of each interface, flow by flow. 0: by cores.'),
      snaplen: integer(65535, 64, 262144, 'Snap length (bytes)', 'Longer packets are cut to this when stored.'),
      filter: text('', 1000, 'Store only (BPF)', "tcpdump's words; packets that do not match are not stored."),
      cutoff: integer(
        0,
        0,
        2 ** 50,
        'Of each flow (bytes)',
        'What a flow carries beyond this is not stored, only counted. 0: everything is.',
      ),
    }),
    packetLog: section('Packet log', {
      percent: integer(90, 1, 95, 'Quota (%)', 'Share of the storage that packets and their index may fill.'),
      bytes: integer(0, 0, 2 ** 50, 'Quota (bytes)', '0: only the percentage counts; else the smaller of both.'),
      encryptTo: list(
        [],
        8,
        /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/,
        'a public key as "mss key new" prints it',
        'Encrypt for (public keys)',
        'Packets and index are then read with a private key of these only: see "mss key". Empty: not encrypted.',
      ),
    }),
    ids: section('Detection', {
      enabled: bool(true, 'Inspect traffic', 'Run Suricata on the promiscuous interfaces.'),
      homeNet: list(
        ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
        256,
        CIDR,
        'an address or CIDR block, optionally after "!"',
        'HOME_NET',
        'The networks you protect: incidents are about hosts in here.',
      ),
      trusted: list(
        [],
        1000,
        CIDR,
        'an address or CIDR block, optionally after "!"',
        'Own scanners and known servers',
        'What these do to others, and what is fetched from or sent to them, makes no incident; an attack on them does.',
      ),
      midstream: bool(
        true,
        'Conversations under way',
        'Inspect TCP conversations whose beginning was not seen: when the sensor starts, or after a route changed.',
      ),
      ruleUrls: list(
        [],
        32,
        /^https?:\/\/[^\s]{1,500}$/,
        'an http(s) URL',
        'Rule sources',
        'Tarballs or rule files fetched every 12 hours.',
      ),
      disable: list(
        [],
        10_000,
        MATCHER,
        'a rule matcher',
        'Disabled rules',
        'A sid, gid:sid, group:FILE or re:REGEX each.',
      ),
      enable: list([], 10_000, MATCHER, 'a rule matcher', 'Enabled rules', 'Applied after the disabled ones.'),
      modify: list(
        [],
        1000,
        /^[^\u0000-\u001f\u007f]{1,300}? "[^\u0000-\u001f\u007f]{1,500}" "[^\u0000-\u001f\u007f]{0,500}"$/,
        'MATCHER "from" "to"',
        'Changed rules',
        "In the words of suricata-update's modify.conf: from is a regular expression over the rule's text.",
      ),
      thresholds: list(
        [],
        10_000,
        /^(suppress|threshold) [^\u0000-\u001f\u007f]{1,1000}$/,
        'a line of threshold.config',
        'Thresholds and suppressions',
        'Like: suppress gen_id 1, sig_id 2001219, track by_src, ip 10.0.0.5',
      ),
      badAddresses: list(
        [],
        32,
        FEED,
        'an http(s) URL or an absolute path',
        'Known bad addresses',
        'Feeds of addresses and CIDR blocks, one a line, fetched with the rules.',
      ),
      badDomains: list(
        [],
        32,
        FEED,
        'an http(s) URL or an absolute path',
        'Known bad names',
        'Feeds of domain names, one a line, or in the shape of a hosts file.',
      ),
      badFiles: list(
        [],
        32,
        FEED,
        'an http(s) URL or an absolute path',
        'Known bad files',
        'Feeds of MD5, SHA-1 or SHA-256 digests, one a line, beside the list in /nsm/etc/bad-sha256.txt.',
      ),
      badListDays: integer(7, 1, 365, 'Lists expire (days)', 'A feed that did not answer for so long counts no more.'),
    }),
    logs: section('Log management', LOG_KEYS),
    archive: section('Event archive', {
      days: integer(90, 1, 3650, 'Keep (days)', 'Older events are deleted.'),
      bytes: integer(4 * 2 ** 30, 2 ** 26, 2 ** 50, 'Keep (bytes)', 'Oldest days are deleted above this size.'),
    }),
    pages: section('Web pages', {
      serverMode: bool(true, 'Serve pages', 'Open tcp 3000-3003; off: no inbound port at all.'),
    }),
    classify: section('Classes of alerts and logs', {
      classes: classes(
        500,
        'Classes',
        'See "mss classify"; the first class whose words match an alert or log event counts.',
      ),
      trash: classes(500, 'Removed classes', 'They can be restored.'),
    }),
    respond: section('Response', {
      mode: v.optional(
        v.pipe(
          v.picklist(['off', 'simulate', 'block']),
          v.title('Cut off what is blocked'),
          v.description('simulate: only says what it would do. block: resets TCP, answers UDP with "unreachable".'),
        ),
        'simulate',
      ),
      interface: v.optional(
        v.pipe(
          v.string(),
          v.regex(/^([A-Za-z0-9_.-]{1,15})?$/, 'must be an interface name, or empty'),
          v.title('Sending interface'),
          v.description('Empty: as the routing table says, which is the management network. Never a bare mirror.'),
        ),
        '',
      ),
      block: list(
        [],
        100,
        /^[0-9A-Fa-f.:/]{2,45}( until [0-9TZ:.+-]{10,30})?$/,
        'ADDRESS, CIDR, or either with " until TIME"',
        'Blocked by a person',
        'See "mss block".',
      ),
      rules: list(
        [],
        1000,
        MATCHER,
        'a rule matcher',
        'Blocking rules',
        'SID, GID:SID or re:REGEX over the message: an alert of such a rule blocks its outside end.',
      ),
      incidentRank: integer(
        0,
        0,
        100,
        'Blocking incidents (rank)',
        'Outside ends of incidents of this rank or more are blocked; 0: none.',
      ),
      minutes: integer(60, 1, 43_200, 'Blocked for (minutes)', 'What a rule or an incident blocked.'),
      widenAfter: integer(
        0,
        0,
        200,
        'Widen after',
        'So many blocked neighbours become one block of their /24 or /64; 0: never.',
      ),
      allow: list(
        [],
        1000,
        CIDR,
        'an address or CIDR block',
        'Never blocked',
        'Beside this sensor, its gateway and its resolvers.',
      ),
      perSecond: integer(50, 1, 10_000, 'Packets a second', 'At most so many are sent to cut conversations.'),
    }),
    mail: MAIL,
    siem: SIEM,
    files: section('Files', {
      extract: v.optional(
        v.pipe(
          v.picklist(['off', 'suspicious', 'all']),
          v.title('Keep files'),
          v.description('suspicious: programs, scripts, archives and documents. Out of HTTP, SMB, FTP and SMTP.'),
        ),
        'suspicious',
      ),
      // the engine follows every stream for 1 MB
      maxBytes: integer(
        10 * 2 ** 20,
        2 ** 20,
        2 ** 30,
        'Of each at most (bytes)',
        'The rest of a longer file is cut off.',
      ),
      quotaBytes: integer(2 ** 30, 2 ** 20, 2 ** 42, 'All together (bytes)', 'Above it the oldest are deleted.'),
    }),
    enrich: section('Addresses', {
      outside: bool(
        false,
        'Ask outside who they are',
        'On request: DNS, RDAP (https) and whois (tcp 43). Those asked see which addresses concern you.',
      ),
    }),
    release: section('Release', {
      source: text('', 500, 'Release source', 'URL or folder of signed releases; empty: stay on this release.'),
      proxy: v.optional(
        v.pipe(
          v.string(),
          v.regex(/^(https?:\/\/[^\s/@]{1,200}\/?)?$/, 'must be like http://192.0.2.3:3128, or empty'),
          v.title('HTTP proxy'),
          v.description('Releases and rules are fetched through it; empty: directly.'),
        ),
        '',
      ),
    }),
  }),
  v.title('Sensor configuration'),
);

export type SensorConfig = v.InferOutput<typeof SensorConfigSchema>;

/** What `export KEY=value` in settings.sh overrides: the shell name and the key path it stands for. */
export const SETTING_KEYS: Readonly<Record<string, string>> = {
  emailaddress: 'mail.to',
  emailtype: 'mail.format',
  keep_514: 'logs.keep514',
  promiscuous_interface: 'capture.interfaces',
  home_net: 'ids.homeNet',
  release_source: 'release.source',
  http_proxy: 'release.proxy',
};
