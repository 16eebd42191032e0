// The small set of names that all decoders agree on, and what other formats call the same thing.

/** Normalised names; a decoder sets no others. */
export const FIELD_NAMES = [
  'action', // login, logout, session, command, connect, ...
  'outcome', // success, failure, allow, deny
  'reason',
  'user', // who did it
  'targetUser', // to whom, or as whom
  'group',
  'method', // of authentication
  'source', // an address or name
  'sourcePort',
  'destination',
  'destinationPort',
  'protocol',
  'interface',
  'service',
  'process',
  'command',
  'directory',
  'terminal',
  'file',
  'device',
] as const;
export type FieldName = (typeof FIELD_NAMES)[number];

/** Lower-case key of CEF, LEEF, ECS, FortiGate and their like -> our name. */
const KNOWN: ReadonlyMap<string, FieldName> = new Map(
  Object.entries<FieldName>({
    act: 'action',
    action: 'action',
    'event.action': 'action',
    outcome: 'outcome',
    result: 'outcome',
    'event.outcome': 'outcome',
    reason: 'reason',
    suser: 'user',
    user: 'user',
    username: 'user',
    usrname: 'user',
    'user.name': 'user',
    duser: 'targetUser',
    src: 'source',
    srcip: 'source',
    src_ip: 'source',
    'source.ip': 'source',
    spt: 'sourcePort',
    srcport: 'sourcePort',
    src_port: 'sourcePort',
    'source.port': 'sourcePort',
    dst: 'destination',
    dstip: 'destination',
    dst_ip: 'destination',
    dest_ip: 'destination',
    'destination.ip': 'destination',
    dpt: 'destinationPort',
    dstport: 'destinationPort',
    dst_port: 'destinationPort',
    dest_port: 'destinationPort',
    'destination.port': 'destinationPort',
    proto: 'protocol',
    protocol: 'protocol',
    'network.transport': 'protocol',
    service: 'service',
    app: 'service',
    sproc: 'process',
    'process.name': 'process',
    'process.command_line': 'command',
    fname: 'file',
    filepath: 'file',
    'file.path': 'file',
    dvchost: 'device',
    devname: 'device',
    'host.name': 'device',
  }),
);
const LONGEST_KNOWN = Math.max(...[...KNOWN.keys()].map(({ length }) => length));

/** Adds our names beside the ones a format brought, which stay for rules that know the format. */
export function addKnownNames(fields: Record<string, string>): void {
  for (const key in fields) {
    if (key.length > LONGEST_KNOWN) continue;
    const name = KNOWN.get(key) ?? KNOWN.get(key.toLowerCase());
    if (name !== undefined && !(name in fields) && fields[key] !== '') fields[name] = fields[key];
  }
}
