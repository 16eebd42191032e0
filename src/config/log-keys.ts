// The keys of log management, as the configuration tree has them.
import * as v from 'valibot';
import { HOST_PORT } from './host-port.ts';
import { bool, file, integer, list, MATCHER } from './key-shapes.ts';

const PORT = /^([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/;

export const LOG_KEYS = {
  enabled: bool(true, 'Receive syslog', 'UDP 514, and TCP and UDP 3004.'),
  keep514: bool(false, 'Leave UDP 514 alone', 'Another program keeps the port (settings.sh: keep_514=1).'),
  disable: list(
    [],
    10_000,
    MATCHER,
    'a log rule matcher',
    'Disabled log rules',
    'An id or name, file:GLOB, level:LEVEL, status:STATUS, product:, service: or category:NAME each.',
  ),
  enable: list([], 10_000, MATCHER, 'a log rule matcher', 'Enabled log rules', 'Applied after the disabled ones.'),
  sniff: bool(
    false,
    'Read syslog off the mirror',
    'Also what hosts send to other servers, as far as it is UDP and passes the promiscuous interfaces.',
  ),
  sniffPorts: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(PORT, 'must be a port, 1 to 65535'))),
      v.minLength(1, 'must name a port; logs.sniff turns it off'),
      v.maxLength(16),
      v.title('Its UDP ports'),
      v.description('Where the other servers receive.'),
    ),
    ['514'],
  ),
  maxPerSource: integer(0, 0, 1_000_000, 'Limit a source (messages/s)', '0: none. What is over it is dropped.'),
  tlsCertificate: file('TLS certificate', 'PEM file; with it TCP 3004 takes TLS too. Empty: no TLS.'),
  tlsKey: file('TLS key', 'PEM file, readable by the group mss-syslog-x.'),
  tlsClientCa: file('CA of the senders', 'PEM file: only senders whose certificate it signed; empty: all.'),
  tlsOnly: bool(false, 'Refuse TCP without TLS', 'UDP stays open.'),
  forwardTo: v.optional(
    v.pipe(
      v.string(),
      v.regex(HOST_PORT, 'must be HOST:PORT, or empty'),
      v.title('Forward to'),
      v.description('Another syslog server, by TCP: gets every message as it came. Empty: none.'),
    ),
    '',
  ),
  forwardTls: bool(false, 'Forward by TLS', "The server's certificate must be for its name."),
  forwardCa: file('CA of that server', "PEM file; empty: the system's authorities."),
};
