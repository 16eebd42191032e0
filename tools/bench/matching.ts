// One core, no network: what it costs to match a message with every rule that loads, on lines of many kinds of hosts
// and devices, few of which fit a rule, as it is on a site.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileDecoders } from '../../src/logs/normalize.ts';
import { type Arrival, parseLog } from '../../src/logs/parse.ts';
import { LogRuleEngine } from '../../src/logs/sigma/engine.ts';
import { planLogRuleset } from '../../src/logs/sigma/ruleset.ts';
import { loadDecoders } from '../../src/os/decoder-files.ts';
import { loadLogSources, readLogRuleTexts } from '../../src/os/log-rule-files.ts';
import { figure, repoDir } from '../shell.ts';

const LINES = [
  '<38>Nov 24 10:00:00 web1 sshd[4211]: Failed password for invalid user admin from 203.0.113.9 port 40022 ssh2',
  '<38>Nov 24 10:00:00 web1 sshd[4212]: Accepted publickey for alice from 192.0.2.7 port 51000 ssh2: ED25519 SHA256:abc',
  '<86>1 2026-11-24T10:00:00.123456+01:00 web1 sudo 991 - - alice : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/bin/ls -l /srv',
  '<78>Nov 24 10:17:01 web1 CRON[4]: (root) CMD (cd / && run-parts --report /etc/cron.hourly)',
  '<165>1 2026-11-24T09:00:00Z app.example orders 17 ID47 [order@32473 id="9" state="paid"] order 9 paid',
  '<30>Nov 24 10:00:00 db1 systemd[1]: Started Daily apt download activities.',
  '<22>Nov 24 10:00:00 mx1 postfix/smtpd[9]: connect from mail.example.org[198.51.100.25]',
  '<4>Nov 24 10:00:00 gw kernel: [88.1] DROP IN=eth0 OUT= SRC=198.51.100.7 DST=192.0.2.1 PROTO=TCP SPT=4001 DPT=23 SYN',
  '<189>412: *Mar  1 18:46:11.123: %SYS-5-CONFIG_I: Configured from console by vty0 (192.0.2.9)',
  '<166>Nov 24 2026 10:00:00 asa : %ASA-6-302013: Built outbound TCP connection 7 for outside:198.51.100.7/443',
  '<189>date=2026-11-24 time=10:00:00 devname="fg" devid="FG1" logid="0000000013" type="traffic" subtype="forward" srcip=192.0.2.7 srcport=4001 dstip=198.51.100.7 dstport=443 action="accept"',
  '<13>Nov 24 10:00:00 host CEF:0|Vendor|Product|1.0|100|blocked|5|src=192.0.2.7 dst=198.51.100.7 spt=4001',
  '<134>Nov 24 10:00:00 www apache2: 192.0.2.7 - - [24/Nov/2026:10:00:00 +0100] "GET /shop/index.php?item=4711 HTTP/1.1" 200 4021 "https://example.org/" "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"',
  '<134>Nov 24 10:00:00 px squid: 1764000000.123    142 192.0.2.9 TCP_MISS/200 4021 GET http://example.org/a.png alice HIER_DIRECT/198.51.100.9 image/png',
  '<86>Nov 24 10:00:00 app1 audispd: type=EXECVE msg=audit(1764000000.1:99): argc=3 a0="grep" a1="-r" a2="needle"',
  '<30>Nov 24 10:00:00 ns1 named[7]: client @0x7f00 192.0.2.9#5353 (example.org): query: example.org IN A +E(0)K (192.0.2.1)',
];
const ROUND = 320_000;
const ROUNDS = 5;
const arrival: Arrival = {
  arrivedUs: Date.UTC(2026, 10, 24, 10) * 1000,
  offsetMinutes: 60,
  sender: '192.0.2.7',
  transport: 'udp',
};

const PUBLIC_RULES = resolve(repoDir, '..', 'shared', 'sigma', 'rules');
const OWN_RULES = join(repoDir, 'services/syslog-x/sigma/rules');

/** The public rules beside the checkout, or where there are none those of the sensor. */
export const findRules = (): string => (existsSync(PUBLIC_RULES) ? PUBLIC_RULES : OWN_RULES);

/** Prints the figure `match-rate`. @param rulesPath a folder of Sigma rules */
export function measureMatching(rulesPath: string): void {
  const definitions = loadLogSources(join(repoDir, 'services/syslog-x/sigma'));
  const normalize = compileDecoders(loadDecoders(join(repoDir, 'services/syslog-x/decoders')));
  const engine = new LogRuleEngine(planLogRuleset({ texts: [readLogRuleTexts(rulesPath)], definitions }));
  let hits = 0;
  const round = () => {
    const startNs = process.hrtime.bigint();
    for (let i = 0; i < ROUND; i++) {
      const log = parseLog(LINES[i % LINES.length], arrival);
      normalize(log);
      hits += engine.match(log).length;
    }
    return (ROUND * 1e9) / Number(process.hrtime.bigint() - startNs);
  };
  round();
  hits = 0;
  const rates = Array.from({ length: ROUNDS }, round).sort((a, b) => a - b);
  const rate = Math.round(rates[ROUNDS >> 1]);
  console.log(
    `parsed, decoded and matched with ${engine.ruleset.detections.length} rules: ${rate} messages/s, ` +
      `${(1e6 / rate).toFixed(2)} us each; ${((100 * hits) / (ROUND * ROUNDS)).toFixed(1)} hits in 100 messages`,
  );
  figure('match-rate', rate, 'messages/s');
}
