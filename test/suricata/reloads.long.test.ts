// Fifty live reloads under traffic: no packet and no alert is lost, and the engine's memory does not grow.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { readRuleTexts, shippedRulesDir } from '../../src/os/rule-files.ts';
import { enabledRules, planRuleset } from '../../src/rules/ruleset.ts';
import { reloadUnderTraffic } from '../../tools/bench/rules/reload-under-traffic.ts';
import { engine } from '../packets/engine.ts';

const RELOADS = 50;
const RULES = 3000;
const namespace = `mss-try-${process.pid}`;
const allowed = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', namespace]).status === 0;
if (allowed) spawnSync('ip', ['netns', 'del', namespace]);
else process.stderr.write('reloads.long.test.ts is skipped: it needs root and network namespaces\n');

/** Rules of several protocols, so that many groups of patterns are built and given back. */
const made = Array.from({ length: RULES }, (_, i) => {
  const proto = ['tcp', 'udp', 'http', 'dns', 'tls'][i % 5];
  const port = i % 2 === 0 ? 'any' : 1 + (i % 1000);
  return `alert ${proto} any any -> any ${port} (msg:"made ${i}"; content:"needle-${i * 7919}"; content:"${i}"; distance:0; sid:${1_000_000 + i};)`;
}).join('\n');

test.skipIf(!allowed || engine === undefined)('fifty reloads under traffic', async () => {
  const texts = [...(await readRuleTexts(shippedRulesDir())), { file: 'made.rules', text: made }];
  const rules = enabledRules(planRuleset(texts));
  const done = await reloadUnderTraffic(engine!, rules, RELOADS, () => {});
  const [first, last] = [done.rssBytes[0], done.rssBytes.at(-1)!];
  process.stdout.write(`RSS after the first reload ${first >> 20} MiB, after the last ${last >> 20} MiB\n`);
  expect(done.sent).toBeGreaterThan(0);
  expect(done).toMatchObject({ lostPackets: 0, lostAlerts: 0 });
  expect(last).toBeLessThan(first * 1.1);
});
