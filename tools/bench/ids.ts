// npm run bench:ids: how many EVE records a second one core parses and correlates, and what a million hosts take.
// Both with the limits on V8's heap that the unit sets.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Analysis } from '../../src/analysis/analysis.ts';
import { parseEveLine } from '../../src/eve/parse.ts';
import { figure, main } from '../shell.ts';
import { homeAddress, sampleLine } from './ids/sample-eve.ts';

const LINES = 200_000;
const HOSTS = 5000;
const MILLION = 1_000_000;
const HOME_NET = ['10.0.0.0/8'];

/** Records a second of this thread's processor time, whatever else the machine does: the middle of three rounds. */
function median(lines: readonly string[], begin: () => (line: string) => void): number {
  const rounds = Array.from({ length: 4 }, () => {
    const work = begin();
    const before = process.threadCpuUsage();
    for (const line of lines) work(line);
    const { user, system } = process.threadCpuUsage(before);
    return (lines.length * 1e6) / (user + system);
  });
  return Math.round(rounds.slice(1).sort((a, b) => a - b)[1]);
}

function measureSpeed(): void {
  const lines = Array.from({ length: LINES }, (_, i) => sampleLine(i, HOSTS));
  const bytes = lines.reduce((sum, line) => sum + line.length, 0) / LINES;
  process.stdout.write(`${LINES} records of ${HOSTS} hosts, ${Math.round(bytes)} bytes each\n`);
  figure(
    'ids_parse',
    median(lines, () => (line) => void parseEveLine(line)),
    'records/s',
  );
  const correlate = (logs: boolean) => () => {
    const analysis = new Analysis(HOME_NET, [], logs);
    return (line: string) => void analysis.push(parseEveLine(line)!);
  };
  figure('ids_parse_correlate', median(lines, correlate(false)), 'records/s');
  figure('ids_parse_correlate_await_logs', median(lines, correlate(true)), 'records/s');
}

/** In a process of its own, so that nothing else counts: every host shows up, is scanned, and does something odd. */
function measureMemory(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const analysis = new Analysis(HOME_NET);
  for (let i = 0; i < MILLION; i++) {
    analysis.push(parseEveLine(sampleLine(i, MILLION))!);
    const timeUs = Date.UTC(2026, 10, 24, 8) * 1000 + i * 50;
    const ends = { src_ip: '198.51.100.9', dest_ip: homeAddress(i), dest_port: 22, proto: 'TCP' };
    const step = { timeUs, detector: 'scan', summary: `scan of TCP/22 (${i})`, host: homeAddress(i), ...ends };
    analysis.correlator.add({ ...step, phase: 'scan-in', confidence: 0.6 });
    if (i % 10 === 0) analysis.correlator.add({ ...step, phase: 'c2', confidence: 0.6, detector: 'beacon' });
  }
  collect();
  figure('ids_million_hosts', Math.round(process.memoryUsage().rss / 1e6), 'MB');
  figure('ids_million_hosts_peak', Math.round((process.resourceUsage().maxRSS * 1024) / 1e6), 'MB');
  figure('ids_million_hosts_live', Math.round(process.memoryUsage().heapUsed / 1e6), 'MB');
  figure('ids_million_hosts_forgotten', analysis.correlator.evictedHosts, 'hosts');
}

/** Options of node in the unit's ExecStart. */
function unitFlags(): string[] {
  const unit = readFileSync(new URL('../../services/ids/mss-ids.service', import.meta.url), 'utf8');
  return /^ExecStart=(.*)$/m
    .exec(unit)![1]
    .split(' ')
    .filter((word) => word.startsWith('--'));
}

await main(async () => {
  const part = process.argv[2];
  if (part === 'memory') return measureMemory();
  if (part === 'speed') return measureSpeed();
  for (const each of ['speed', 'memory'])
    spawnSync(process.execPath, [...unitFlags(), import.meta.filename, each], { stdio: 'inherit' });
});
