// One core, no network: what parsing, decoding and storing cost, on a mix as a site sends it.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compileDecoders } from '../../../src/logs/normalize.ts';
import { type Arrival, parseLog } from '../../../src/logs/parse.ts';
import { loadDecoders } from '../../../src/os/decoder-files.ts';
import { SpoolWriter } from '../../../src/spool/writer.ts';
import { buildDir, figure } from '../../shell.ts';

export const LINES = [
  '<38>Nov 24 10:00:00 web1 sshd[4211]: Failed password for invalid user admin from 203.0.113.9 port 40022 ssh2',
  '<86>1 2026-11-24T10:00:00.123456+01:00 web1 sudo 991 - - root : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/bin/ls',
  '<165>1 2026-11-24T09:00:00Z app.example orders 17 ID47 [order@32473 id="9" state="paid"] order 9 paid',
  '<4>Nov 24 10:00:00 gw kernel: [88.1] DROP IN=eth0 OUT= SRC=198.51.100.7 DST=192.0.2.1 PROTO=TCP SPT=4001 DPT=23 SYN',
  '<189>412: *Mar  1 18:46:11.123: %SYS-5-CONFIG_I: Configured from console by vty0 (192.0.2.9)',
  '<166>Nov 24 2026 10:00:00 asa : %ASA-6-302013: Built outbound TCP connection 7 for outside:198.51.100.7/443',
  '<189>date=2026-11-24 time=10:00:00 devname="fg" srcip=192.0.2.7 dstip=198.51.100.7 action="deny"',
  '<13>Nov 24 10:00:00 host CEF:0|Vendor|Product|1.0|100|blocked|5|src=192.0.2.7 dst=198.51.100.7 spt=4001',
];
const ROUND = 400_000;
const arrival: Arrival = {
  arrivedUs: Date.UTC(2026, 10, 24, 10) * 1000,
  offsetMinutes: 60,
  sender: '192.0.2.7',
  transport: 'udp',
};

/** Messages in a second of a core's time over `ROUND` messages: what else the machine does is not counted. */
function measure(work: (line: string) => void): number {
  const before = process.cpuUsage();
  for (let i = 0; i < ROUND; i++) work(LINES[i % LINES.length]);
  const { user, system } = process.cpuUsage(before);
  return (ROUND * 1e6) / (user + system);
}

/** The middle of three measurements, after one to warm up. */
function median(work: (line: string) => void): number {
  measure(work);
  return Math.round(Array.from({ length: 3 }, () => measure(work)).sort((a, b) => a - b)[1]);
}

/** Measures each stage and prints its figure. */
export function measureStages(): void {
  const normalize = compileDecoders(loadDecoders('services/syslog-x/decoders'));
  const dir = mkdtempSync(join(buildDir, 'bench-spool-'));
  const spool = new SpoolWriter(dir);
  const show = (stage: string, work: (line: string) => void) => {
    const rate = median(work);
    console.log(
      `${stage.padEnd(24)} ${String(rate).padStart(10)} messages/s ${(1e6 / rate).toFixed(2).padStart(8)} us`,
    );
    figure(`syslog_${stage}`, rate, 'messages/s');
  };
  show('parse', (line) => void parseLog(line, arrival));
  show('parse_decode', (line) => normalize(parseLog(line, arrival)));
  show('parse_decode_store', (line) => {
    const log = parseLog(line, arrival);
    normalize(log);
    spool.append({ type: 'log', timeUs: log.timeUs, log });
  });
  spool.close();
  rmSync(dir, { recursive: true });
}
