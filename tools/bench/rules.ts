// npm run bench:rules [-- RULES] [--reloads N] [--lists]: a whole rule set from outside (a file, folder or tarball; else
// the one kept beside the checkout) through our own rule code into the engine: what is kept, what is set aside and why,
// time and memory; what lists of known bad ends cost (--lists: only that); live reloads under traffic. Needs root for
// the latter two.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MssError } from '../../src/errors.ts';
import { requireEngine } from '../../src/os/engine-process.ts';
import { readRuleTexts, shippedRulesDir } from '../../src/os/rule-files.ts';
import { renderReputation } from '../../src/rules/reputation.ts';
import { parseReputation, REPUTATION_KINDS, type ReputationKind } from '../../src/rules/reputation-feed.ts';
import type { BrokenRule, SourcedRule } from '../../src/rules/rule-file.ts';
import { enabledRules, planRuleset } from '../../src/rules/ruleset.ts';
import { applyRuleTest } from '../../src/suricata/apply-test.ts';
import { figure, main, repoDir } from '../shell.ts';
import { LiveEngine } from './rules/live-engine.ts';
import { reloadUnderTraffic } from './rules/reload-under-traffic.ts';

const BESIDE = resolve(repoDir, '..', 'shared', 'rules', 'emerging.rules.tar.gz');
/** of a reason: what follows is the one rule's own */
const CLASS_CHARS = 60;
/** of each kind, and of the addresses so many blocks */
const LISTED = 300_000;
const BLOCKS = 20_000;
const HOME_NET = ['10.0.0.0/8'];

await main(async () => {
  const { values, positionals } = parseArgs({
    options: { reloads: { type: 'string', default: '50' }, lists: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const path = positionals[0] ?? BESIDE;
  if (!values.lists && !existsSync(path))
    throw new MssError('not-found', `${path} is not there: name a rule file, folder or tarball`);
  const kept = values.lists ? [] : await judge(path);
  if (process.getuid?.() !== 0) {
    process.stdout.write('no live engine: packet sockets and namespaces need root\n');
    return;
  }
  await measureLists();
  if (!values.lists) await measureReloads(kept, Number(values.reloads));
});

/** As shipped, and with every rule switched on, which shows what of the retired ones the engine still takes. */
async function judge(path: string): Promise<SourcedRule[]> {
  const engine = requireEngine();
  const texts = [...(await readRuleTexts(shippedRulesDir())), ...(await readRuleTexts(path))];
  const startMs = performance.now();
  const set = planRuleset(texts);
  const planMs = performance.now() - startMs;
  const wanted = enabledRules(set);
  const { kept, broken } = await applyRuleTest(engine, wanted, HOME_NET);
  const testMs = performance.now() - startMs - planMs;
  const aside = [...set.broken, ...broken];
  process.stdout.write(`${engine.label}, ${path}\n`);
  process.stdout.write(
    `${set.rules.size} rules: ${kept.length} kept, ${aside.length} set aside, ${set.rules.size - wanted.length} off in the source, ${set.superseded} superseded\n`,
  );
  showReasons(aside);
  figure('rules-kept', kept.length, 'rules');
  figure('rules-set-aside', aside.length, 'rules');
  figure('rules-plan', planMs / 1000, 's');
  figure('rules-test', testMs / 1000, 's');

  const all = planRuleset(texts, { enable: ['re:.'] });
  const judged = await applyRuleTest(engine, enabledRules(all), HOME_NET);
  const refused = [...all.broken, ...judged.broken];
  process.stdout.write(`with all that are off switched on: ${judged.kept.length} kept, ${refused.length} set aside\n`);
  showReasons(refused);
  figure('rules-all-kept', judged.kept.length, 'rules');
  figure('rules-all-set-aside', refused.length, 'rules');
  return kept;
}

/** Reasons by what they have in common: their words without names and numbers. */
function showReasons(rules: readonly BrokenRule[]): void {
  const classes = new Map<string, BrokenRule[]>();
  for (const rule of rules) {
    const words = rule.reason.replaceAll(/["'].*?["']|\d+/g, '…').slice(0, CLASS_CHARS);
    classes.set(words, [...(classes.get(words) ?? []), rule]);
  }
  for (const [words, found] of [...classes].sort((a, b) => b[1].length - a[1].length)) {
    const { file, line, id } = found[0];
    process.stdout.write(`  ${String(found.length).padStart(5)}  ${words}   (${file}:${line} ${id ?? ''})\n`);
  }
}

/** What lists of known bad ends cost: our reading of them, and the engine beside the shipped rules alone. */
async function measureLists(): Promise<void> {
  const shipped = await readRuleTexts(shippedRulesDir());
  const lines = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i));
  const spread = (i: number) => `${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
  const digestOf = (i: number) => createHash('sha256').update(String(i)).digest('hex');
  const feeds: Record<ReputationKind, string[]> = {
    address: [...lines(LISTED - BLOCKS, (i) => `${spread(i)}.1`), ...lines(BLOCKS, (i) => `${spread(i << 6)}.0/22`)],
    domain: lines(LISTED, (i) => `host${i}.bad${i % 1000}.example`),
    file: lines(LISTED, digestOf),
  };
  const startMs = performance.now();
  const startBytes = usedHeapBytes();
  const lists = new Map(REPUTATION_KINDS.map((kind) => [kind, parseReputation(kind, feeds[kind].join('\n')).entries]));
  figure(
    'list-entries',
    [...lists.values()].reduce((sum, { size }) => sum + size, 0),
    'entries',
  );
  figure('list-read', (performance.now() - startMs) / 1000, 's');
  figure('list-read-heap', (usedHeapBytes() - startBytes) / 1e6, 'MB');
  const known = renderReputation(lists);
  const measure = async (rules: readonly SourcedRule[], files?: ReadonlyMap<string, string>) => {
    const live = await LiveEngine.start(requireEngine(), rules, files);
    const found = { loadMs: live.startMs, rssBytes: live.rssBytes };
    await live.close();
    return found;
  };
  const without = await measure(enabledRules(planRuleset(shipped)));
  const rules = enabledRules(planRuleset([...shipped, ...known.rules]));
  const withLists = await measure(rules, known.files);
  figure('list-load', (withLists.loadMs - without.loadMs) / 1000, 's');
  figure('list-rss', (withLists.rssBytes - without.rssBytes) / 1e6, 'MB');

  const digests = lines(2 * LISTED, digestOf);
  const bad = lists.get('file')!;
  const askedMs = performance.now();
  const hits = digests.filter((digest) => bad.has(digest)).length;
  figure('list-digest-lookup', ((performance.now() - askedMs) * 1e6) / digests.length, 'ns');
  if (hits !== LISTED) throw new MssError('input', `${hits} of ${LISTED} listed digests were found`);
}

/** After what is not needed went. */
function usedHeapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

async function measureReloads(rules: readonly SourcedRule[], reloads: number): Promise<void> {
  const done = await reloadUnderTraffic(requireEngine(), rules, reloads, (text) => process.stdout.write(`  ${text}\n`));
  const [first, last] = [done.rssBytes[0], done.rssBytes.at(-1)!];
  figure('rules-load', done.startMs / 1000, 's');
  figure('rules-rss', done.startRssBytes / 1e6, 'MB');
  figure('reloads', reloads, 'reloads');
  figure('reload-time', done.reloadMs / 1000, 's');
  figure('reload-packets-sent', done.sent, 'packets');
  figure('reload-packets-lost', done.lostPackets, 'packets');
  figure('reload-alerts-lost', done.lostAlerts, 'alerts');
  figure('reload-rss-first', first / 1e6, 'MB');
  figure('reload-rss-last', last / 1e6, 'MB');
  figure('reload-rss-growth', (last / first - 1) * 100, '%');
}
