import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileDecoders } from '../../../src/logs/normalize.ts';
import { parseLog } from '../../../src/logs/parse.ts';
import { LogRuleEngine } from '../../../src/logs/sigma/engine.ts';
import { planLogRuleset } from '../../../src/logs/sigma/ruleset.ts';
import { readAudit } from '../../../src/logs/sigma/source/audit.ts';
import { readEventXml } from '../../../src/logs/sigma/source/event-xml.ts';
import { parseLogSources } from '../../../src/logs/sigma/source/log-source.ts';
import { takePart } from '../../../src/logs/sigma/source/take.ts';
import { loadDecoders } from '../../../src/os/decoder-files.ts';
import { loadLogSources, readLogRuleTexts } from '../../../src/os/log-rule-files.ts';
import { NOON_US } from './small-rules.ts';

const definitions = loadLogSources('services/syslog-x/sigma');
const normalize = compileDecoders(loadDecoders('services/syslog-x/decoders'));

/** Whether a line, as the service reads it, fits a rule for this log source. */
function lineFits(logsource: string, selection: string, line: string): boolean {
  const text = `title: t\nlogsource: ${logsource}\ndetection: { s: ${selection}, condition: s }\n`;
  const ruleset = planLogRuleset({ texts: [[{ file: 'r.yml', text }]], definitions });
  expect(ruleset.broken).toEqual([]);
  const log = parseLog(line, { arrivedUs: NOON_US, offsetMinutes: 0, sender: '192.0.2.1', transport: 'udp' });
  normalize(log);
  return new LogRuleEngine(ruleset).match(log).length > 0;
}

const AUDIT =
  '<86>Nov 24 10:00:00 h audispd: type=EXECVE msg=audit(1.1:9): argc=3 a0="cat" a1=2F7372762F6120622E747874 a2="-n"';
const PATH =
  '<86>Nov 24 10:00:00 h audispd: node=h type=PATH msg=audit(1.1:9): item=0 name="/etc/audit/rules" nametype=CREATE';
const SYSMON =
  '<14>Nov 24 10:00:00 h sysmon: <Event><System><Provider Name="Linux-Sysmon" Guid="{x}"/><EventID>1</EventID></System><EventData><Data Name="Image">/usr/bin/nc</Data><Data Name="CommandLine">nc -e &quot;/bin/sh&quot;</Data></EventData></Event>';
const WINDOWS =
  '<14>Nov 24 10:00:00 h e: <Event xmlns="x"><System><EventID>4688</EventID><Channel>Security</Channel></System><EventData><Data Name="NewProcessName">C:\\Windows\\cmd.exe</Data></EventData></Event>';
const APACHE =
  '<134>Nov 24 10:00:00 w apache2: 192.0.2.7 - - [24/Nov/2026:10:00:00 +0100] "GET /a/b.php?x=1 HTTP/1.1" 404 21 "https://r.example/" "sqlmap/1.8"';
const SQUID =
  '<134>Nov 24 10:00:00 p squid[7]: 1764000000.123    142 192.0.2.9 TCP_MISS/200 4021 GET http://u@Bad.example:81/x/a.exe?k=v alice HIER_DIRECT/198.51.100.9 application/x-msdownload';
const NAMED =
  '<30>Nov 24 10:00:00 n named[7]: client @0x7f 192.0.2.9#5353 (x.bad.example): query: x.bad.example IN TXT +E(0)K (192.0.2.1)';
const FORTIGATE =
  '<189>date=2026-11-24 time=10:00:00 devname="fg" devid="F" logid="0100044547" type="event" action="Add" cfgpath="system.admin" user="eve"';
const DROP = '<4>Nov 24 10:00:00 gw kernel: DROP IN=eth0 OUT= SRC=198.51.100.7 DST=192.0.2.1 PROTO=TCP SPT=4001 DPT=23';

test.each<[logsource: string, selection: string, line: string]>([
  ['{ product: linux, service: auditd }', '{ type: EXECVE, a0: cat, a1: /srv/a b.txt }', AUDIT],
  [
    '{ product: linux, category: process_creation }',
    '{ Image|endswith: cat, CommandLine: cat /srv/a b.txt -n }',
    AUDIT,
  ],
  ['{ product: linux, service: auditd }', '{ type: PATH, name: /etc/audit/* }', PATH],
  ['{ product: linux, category: file_event }', '{ TargetFilename|startswith: /etc/audit }', PATH],
  [
    '{ product: linux, category: process_creation }',
    "{ Image: /usr/bin/nc, CommandLine|contains: '-e \"/bin' }",
    SYSMON,
  ],
  ['{ product: windows, service: security }', '{ EventID: 4688 }', WINDOWS],
  ['{ product: windows, category: process_creation }', "{ Image|endswith: '\\cmd.exe' }", WINDOWS],
  [
    '{ product: linux, service: sudo }',
    '{ user: alice, targetUser: root }',
    'Nov 24 10:00:00 h sudo: alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id -u',
  ],
  [
    '{ product: linux, category: process_creation }',
    '{ Image|endswith: /id, CommandLine|endswith: -u, User: root }',
    'Nov 24 10:00:00 h sudo: alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id -u',
  ],
  ['{ product: linux, service: cron }', '[REPLACE]', 'Nov 24 10:17:01 h crontab[9]: (alice) REPLACE (alice)'],
  [
    '{ product: linux, service: sshd }',
    '[incorrect signature]',
    'Nov 24 10:00:00 h sshd[1]: error: Incorrect signature',
  ],
  ['{ product: linux }', "['(){:;};']", 'Nov 24 10:00:00 h anything: x (){:;}; y'],
  ['{ product: linux, service: syslog }', '[stopping firewalld]', 'Nov 24 10:00:00 h systemd[1]: Stopping firewalld'],
  [
    '{ category: webserver }',
    '{ cs-method: GET, cs-uri-query|endswith: b.php?x=1, sc-status: 404, cs-user-agent|startswith: sqlmap }',
    APACHE,
  ],
  ['{ service: apache }', '[sqlmap]', APACHE],
  ['{ category: proxy }', '{ cs-host: bad.example, c-uri-extension: exe, c-uri-query: k=v, cs-method: GET }', SQUID],
  ['{ category: dns }', '{ query|endswith: .bad.example, record_type: TXT }', NAMED],
  [
    '{ category: dns }',
    '{ query: a.example, record_type: A }',
    'Nov 24 10:00:00 n dnsmasq[7]: query[A] a.example from 192.0.2.9',
  ],
  ['{ category: dns }', '{ query: a.example }', 'Nov 24 10:00:00 n unbound: [1:0] info: 192.0.2.9 a.example. A IN'],
  ['{ product: fortigate, service: event }', '{ action: Add, cfgpath: system.admin }', FORTIGATE],
  ['{ category: firewall }', "{ dst_port: 23, action: drop, blocked: 'true', src_ip|cidr: 198.51.100.0/24 }", DROP],
  [
    '{ product: cisco, service: aaa }',
    '[clear logging]',
    '<189>Nov 24 10:00:00 r1 7: %PARSER-5-CFGLOG_LOGGEDCMD: User:eve  logged command:clear logging',
  ],
  [
    '{ product: cisco, service: bgp }',
    "{ '|all': [':179', 'IP-TCP-3-BADAUTH'] }",
    '<187>Nov 24 10:00:00 r1 7: %TCP-3-BADAUTH: No MD5 digest IP-TCP-3-BADAUTH from 192.0.2.1:179',
  ],
  ['{ product: juniper, service: bgp }', "['missing MD5 digest']", 'Nov 24 10:00:00 r2 rpd[5]: missing MD5 digest'],
  [
    '{ product: zeek, service: dns }',
    '{ query: a.example }',
    '<14>Nov 24 10:00:00 z zeek: {"_path":"dns","ts":1.5,"query":"a.example"}',
  ],
  [
    '{ category: application, product: opencanary }',
    '{ logtype: 2000 }',
    '<14>Nov 24 10:00:00 c opencanary: {"logtype": 2000, "node_id": "n", "logdata": {}}',
  ],
  [
    '{ product: kubernetes, service: audit }',
    '{ verb: create, objectRef.resource: pods }',
    '<14>Nov 24 10:00:00 k a: {"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"create","objectRef":{"resource":"pods"}}',
  ],
  ['{ category: application, product: jvm }', '[jndi]', 'Nov 24 10:00:00 a tomcat9: x jndi:ldap://x'],
  // every source goes by this name, by our own field names
  [
    '{ category: normalized }',
    '{ action: login, outcome: failure, source: 203.0.113.9, host: h }',
    'Nov 24 10:00:00 h sshd[1]: Invalid user x from 203.0.113.9 port 7',
  ],
  [
    '{ category: normalized }',
    '{ action: connect, outcome: deny, destinationPort: 23, severity: 4, time|year: 2025 }',
    DROP,
  ],
])('%s %s', (logsource, selection, line) => {
  expect(lineFits(logsource, selection, line)).toBe(true);
});

test('whatever is sent, rules are matched or not', () => {
  const texts = readLogRuleTexts('services/syslog-x/sigma/rules');
  const engine = new LogRuleEngine(planLogRuleset({ texts: [texts], definitions }));
  const piece = fc.oneof(
    fc.constantFrom(
      ...[AUDIT, PATH, SYSMON, WINDOWS, APACHE, SQUID, NAMED, FORTIGATE, DROP].flatMap((line) =>
        line.split(/(?<=[ :<>"])/),
      ),
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const arrival = { arrivedUs: NOON_US, offsetMinutes: 0, sender: '192.0.2.1', transport: 'udp' as const };
      const log = parseLog(pieces.join(''), arrival);
      normalize(log);
      for (const { rule } of engine.match(log, true)) expect(rule.title).not.toBe('');
    }),
    { numRuns: 1000 },
  );
});

test('a rule for one source is not tried on the records of another', () => {
  expect(lineFits('{ product: linux, service: sshd }', '[x]', 'Nov 24 10:00:00 h su[1]: x')).toBe(false);
  expect(lineFits('{ product: linux, category: file_event }', '{ name: "*" }', AUDIT)).toBe(false);
  expect(lineFits('{ product: linux }', '[Configured]', '<189>7: Nov 24 10:00:00: %SYS-5-CONFIG_I: Configured')).toBe(
    false,
  );
});

test.each([
  ['http://u:p@Host.example:81/a/b.tar.gz?q=1#f', 'Host.example', '/a/b.tar.gz?q=1#f', 'q=1#f', 'gz'],
  ['https://[2001:db8::1]:443', '[2001:db8::1]', '/', undefined, undefined],
  ['host.example:443', 'host.example', '/', undefined, undefined],
  ['/path/only', undefined, '/path/only', undefined, undefined],
  ['/a.php?x=/y.exe', undefined, '/a.php?x=/y.exe', 'x=/y.exe', 'php'],
  ['', undefined, '/', undefined, undefined],
])('parts of %s', (url, host, rest, query, extension) => {
  expect(takePart(url, 'url-host')).toBe(host);
  expect(takePart(url, 'url-path-query')).toBe(rest);
  expect(takePart(url, 'url-query')).toBe(query);
  expect(takePart(url, 'url-extension')).toBe(extension);
});

test('audit: hexadecimal texts are read where the kernel writes texts, and only there', () => {
  expect(readAudit('type=SYSCALL a0=7FFD comm=2F62 exe="/bin/ABCD" key=(null)')).toMatchObject({
    a0: '7FFD',
    comm: '/b',
    exe: '/bin/ABCD',
  });
  expect(readAudit('type=PROCTITLE proctitle=6C73002D6C')).toMatchObject({ proctitle: 'ls -l' });
  expect(readAudit('type=EXECVE a0="4142" a1=4142')).toMatchObject({ a0: '4142', a1: 'AB', CommandLine: '4142 AB' });
});

test('event XML: entities, both quotes, the first of a name; broken XML is no error', () => {
  expect(
    readEventXml(
      "<Event><EventID Qualifiers='0'>7</EventID><Data Name='A'>x&lt;&#65;&#x42;&bad;</Data><Data Name=\"A\">y</Data>",
    ),
  ).toMatchObject({ EventID: '7', A: 'x<AB&bad;' });
  expect(readEventXml('no event')).toEqual({});
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('<', '>', '/', 'Event', 'Data', ' Name="', '"', '&#x', ';', 'a') }),
      (text) => {
        expect(typeof readEventXml(`<Event>${text}`)).toBe('object');
      },
    ),
  );
});

test.each([
  ['sources: []', /normalized/],
  ['normalized: { logsource: {} }\nsources: [{ name: a, when: {}, gives: [] }]', /sources.0.gives/],
  [
    'normalized: { logsource: {} }\nsources: [{ name: a, when: { app: [x] }, gives: [{ logsource: {} }] }]',
    /sources.0.when/,
  ],
  [
    'normalized: { logsource: {} }\nsources: [{ name: a, when: {}, format: csv, gives: [{ logsource: {} }] }]',
    /format/,
  ],
  [
    'normalized: { logsource: {} }\nsources: [{ name: a, when: {}, templates: ["<a:b>"], gives: [{ logsource: {} }] }]',
    /no kind of field/,
  ],
])('log sources %j are refused', (yaml, message) => {
  expect(() => parseLogSources(yaml, 'f.yaml')).toThrow(message);
});
