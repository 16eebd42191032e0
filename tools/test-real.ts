// npm run test:real: `mss import` over every capture file beside the checkout (../shared/pcaps). It must end without a
// crash, a hang or a silently skipped file; packets in = stored = found again, with tshark as the judge.
// npm run test:real -- --engine [N] [WORD]: every N-th file of Suricata's own tests, under our configuration and the stock one.
// npm run test:real -- --flows [N] [WORD]: of every N-th file each flow that tshark sees, and filters as tcpdump does.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { MssError } from '../src/errors.ts';
import { requireEngine } from '../src/os/engine-process.ts';
import { readRuleTexts, shippedRulesDir } from '../src/os/rule-files.ts';
import { renderRules } from '../src/rules/render-rules.ts';
import { enabledRules, planRuleset } from '../src/rules/ruleset.ts';
import { figure, main, repoDir } from './shell.ts';
import { judgeEngine } from './test-real/judge-engine.ts';
import { testFlows } from './test-real/test-flows.ts';

const PCAPS = resolve(repoDir, '..', 'shared', 'pcaps');
const RULES = resolve(repoDir, '..', 'shared', 'rules', 'emerging.rules.tar.gz');
const CAPTURE_FILE = /\.(pcap|pcapng|cap|dump)(\.gz|\.zst)?$/;
const IMPORT_MS = 10 * 60_000;
/** Files that share an import and a store; where their sum is wrong each is tried alone. */
const BATCH_FILES = 64;

interface FileLine {
  type: 'file';
  path: string;
  packets: number;
  stored: number;
  skipped: number;
  why?: string;
}

function findCaptures(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && CAPTURE_FILE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Packets that tshark reads, and its complaint when it stops early. */
function countByTshark(path: string): { packets: number; complaint: string } {
  const script = path.endsWith('.zst')
    ? 'zstd -dc "$1" | tshark -n -r - -T fields -e frame.number'
    : 'tshark -n -r "$1" -T fields -e frame.number';
  const { stdout, stderr } = spawnSync('sh', ['-c', `${script} | tail -n 1`, 'sh', path], { encoding: 'utf8' });
  return { packets: Number(stdout.trim() || 0), complaint: stderr.trim().split('\n').at(-1) ?? '' };
}

type Verdict = { failed: boolean; text: string };

/** What to say of a file, from its line and the judge's count. Damage that both see and import explains is no failure. */
function judge(line: FileLine | undefined, tshark: { packets: number; complaint: string }): Verdict {
  if (!line) return { failed: true, text: 'mss import printed no line for it' };
  if (line.stored !== line.packets)
    return { failed: true, text: `stored ${line.stored} of ${line.packets}: ${line.why ?? 'no reason given'}` };
  if (line.packets < tshark.packets && !(line.why && tshark.complaint))
    return { failed: true, text: `${line.packets} packets, but tshark reads ${tshark.packets} ${tshark.complaint}` };
  if (line.skipped > 0 && !line.why) return { failed: true, text: `skipped ${line.skipped} without a reason` };
  return { failed: false, text: line.why ? `${line.packets} packets; ${line.why}` : '' };
}

function mss(args: string[]): { lines: string[]; complaint: string } {
  const { stdout, stderr, error } = spawnSync('node', [join(repoDir, 'services/console/mss.ts'), ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    timeout: IMPORT_MS,
    killSignal: 'SIGKILL',
  });
  return {
    lines: stdout.split('\n').filter((line) => line.startsWith('{')),
    complaint: error?.message ?? stderr.trim(),
  };
}

/** Imports files into one store and finds all their packets again; a verdict for each. */
function importTogether(paths: readonly string[]): Map<string, Verdict> {
  const store = mkdtempSync(join(tmpdir(), 'mss-real-'));
  try {
    const { lines, complaint } = mss(['import', ...paths, '--store', store, '--json']);
    const files = lines.map((line) => JSON.parse(line) as FileLine).filter(({ type }) => type === 'file');
    const all = join(store, 'all.pcapng');
    mss(['packets', '--store', store, '-w', all]);
    const stored = files.reduce((sum, file) => sum + file.stored, 0);
    const found = stored === 0 ? 0 : countByTshark(all).packets;
    if (found !== stored && paths.length > 1) return new Map(paths.flatMap((path) => [...importTogether([path])]));
    return new Map(
      paths.map((path) => {
        const line = files.find((file) => file.path === path);
        if (!line && paths.length === 1) return [path, { failed: true, text: `no line for it: ${complaint}` }];
        if (found !== stored) return [path, { failed: true, text: `found again ${found} of ${stored}` }];
        return [path, judge(line, countByTshark(path))];
      }),
    );
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}

/** Suricata under our configuration and under the stock one, with the shipped rules and those kept beside the checkout. */
async function testEngine(files: readonly string[]): Promise<void> {
  const texts = await readRuleTexts(shippedRulesDir());
  if (existsSync(RULES)) texts.push(...(await readRuleTexts(RULES)));
  const rules = renderRules(enabledRules(planRuleset(texts)));
  const sum = { alerts: 0, records: 0, unexplained: 0 };
  const explained = new Map<string, { files: number; records: number }>();
  for (const verdict of await judgeEngine(requireEngine(), rules, files)) {
    sum.alerts += verdict.alerts;
    sum.records += verdict.records;
    if (verdict.unexplained.length > 0) sum.unexplained++;
    for (const { eventType, kind, text } of verdict.unexplained.slice(0, 5)) {
      process.stdout.write(`WRONG  ${relative(PCAPS, verdict.path)}: ${kind} ${eventType}: ${text}\n`);
    }
    for (const [reason, records] of verdict.explained) {
      const { files: before, records: more } = explained.get(reason) ?? { files: 0, records: 0 };
      explained.set(reason, { files: before + 1, records: more + records });
      process.stdout.write(`differs ${relative(PCAPS, verdict.path)}: ${records}: ${reason}\n`);
    }
  }
  for (const [reason, { files: count, records }] of explained) {
    process.stdout.write(`explained: ${reason}: ${records} differences in ${count} files\n`);
  }
  figure('engine-files', files.length, 'files');
  figure('engine-records', sum.records, 'records');
  figure('engine-alerts', sum.alerts, 'alerts');
  figure('engine-files-unexplained', sum.unexplained, 'files');
  if (sum.unexplained > 0) process.exitCode = 1;
}

/** Every N-th file whose path holds the word. @throws MssError 'usage' */
function pickFiles(files: readonly string[], [every = '1', word = '']: readonly string[]): string[] {
  if (!(Number(every) >= 1)) throw new MssError('usage', 'write test:real -- MODE [EVERY-Nth-FILE] [WORD-IN-ITS-PATH]');
  return files.filter((path) => path.includes(word)).filter((_, i) => i % Number(every) === 0);
}

await main(async () => {
  if (!existsSync(PCAPS))
    throw new MssError('not-found', `${PCAPS} is not there: the real captures are kept beside the checkout`);
  if (process.argv[2] === '--flows') {
    const readable = findCaptures(PCAPS).filter((path) => !path.endsWith('.zst'));
    await testFlows(PCAPS, pickFiles(readable, process.argv.slice(3)));
    return;
  }
  if (process.argv[2] === '--engine') {
    await testEngine(pickFiles(findCaptures(join(PCAPS, 'suricata-verify')), process.argv.slice(3)));
    return;
  }
  const only = process.argv[2];
  const files = findCaptures(PCAPS).filter((path) => !only || path.includes(only));
  let failed = 0;
  for (let at = 0; at < files.length; at += BATCH_FILES) {
    for (const [path, verdict] of importTogether(files.slice(at, at + BATCH_FILES))) {
      if (verdict.failed) failed++;
      const text = verdict.text ? `: ${verdict.text}` : '';
      process.stdout.write(`${verdict.failed ? 'FAILED' : 'ok    '} ${relative(PCAPS, path)}${text}\n`);
    }
  }
  figure('real-files', files.length, 'files');
  process.stdout.write(`${files.length - failed} passed, ${failed} failed\n`);
  if (failed > 0) process.exitCode = 1;
});
