// The keys of what tells people and machines outside: mail, webhook, SIEM. A part of the tree in sensor-config.ts.
import * as v from 'valibot';
import { HOST_PORT } from './host-port.ts';
import { file, integer, section, text } from './key-shapes.ts';

/** What mails, webhooks and an outside SIEM are told of. */
export const MAIL_TOPICS = ['incidents', 'alerts', 'health'] as const;
export type MailTopic = (typeof MAIL_TOPICS)[number];

export const MAIL = section('Mail', {
  to: text('', 320, 'Address', 'Empty: no mail (settings.sh: emailaddress=...).'),
  format: v.optional(
    v.pipe(v.picklist(['html', 'text']), v.title('Format'), v.description('settings.sh: emailtype=text')),
    'html',
  ),
  about: v.optional(
    v.pipe(
      v.array(v.picklist(MAIL_TOPICS)),
      v.title('About'),
      v.description('incidents, alerts (the severest), health (of the sensor itself).'),
    ),
    [...MAIL_TOPICS],
  ),
  minutes: integer(
    10,
    1,
    1440,
    'At most every (minutes)',
    'One mail a topic in this time; what came meanwhile is in the next.',
  ),
  server: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^((\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]{1,253})(:[0-9]{1,5})?)?$/, 'must be HOST or HOST:PORT'),
      v.title('SMTP server'),
      v.description("Empty: this machine's own postfix. With a login it must offer TLS (465, or STARTTLS)."),
    ),
    '',
  ),
  user: text('', 200, 'SMTP login', 'Empty: no login.'),
  password: text(
    '',
    200,
    'SMTP password',
    'Kept in the configuration document, which only root and the services read.',
  ),
  from: text('', 320, 'Sender address', 'Empty: mss@ and the host name.'),
  pageUrl: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(https:\/\/[^\s]{1,200})?$/, 'must be an https URL, or empty'),
      v.title('Page address'),
      v.description('Where links in mails lead; empty: port 3001 of the management address.'),
    ),
    '',
  ),
  webhook: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(https?:\/\/[^\s]{1,1000})?$/, 'must be an http(s) URL, or empty'),
      v.title('Webhook'),
      v.description('Gets the same letters as JSON by POST; empty: none.'),
    ),
    '',
  ),
});

export const SIEM = section('Outside SIEM', {
  to: v.optional(
    v.pipe(
      v.string(),
      v.regex(HOST_PORT, 'must be HOST:PORT, or empty'),
      v.title('Send to'),
      v.description('A syslog server (RFC 5424) that gets what happens as CEF. Empty: none.'),
    ),
    '',
  ),
  transport: v.optional(
    v.pipe(
      v.picklist(['udp', 'tcp', 'tls']),
      v.title('Transport'),
      v.description("tls: the server's certificate must be for its name. udp: what gets lost is not noticed."),
    ),
    'tcp',
  ),
  ca: file('CA of that server', "PEM file that the group mss-ids may read; empty: the system's authorities."),
  about: v.optional(
    v.pipe(
      v.array(v.picklist(MAIL_TOPICS)),
      v.title('About'),
      v.description('incidents (each change), alerts (all from the rank below on), health (of the sensor itself).'),
    ),
    [...MAIL_TOPICS],
  ),
  alertRank: integer(-100, -100, 100, 'Alerts from rank', 'What ranks lower is not sent; -100: all are.'),
});
