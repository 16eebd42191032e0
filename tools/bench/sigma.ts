// npm run bench:sigma: which rules of ../shared/sigma load, which do not and for what kind of reason, by log source; then
// how many lines a second one core parses, decodes and matches with all that load.
import { join } from 'node:path';
import type { SigmaRule } from '../../src/logs/sigma/rule/rule.ts';
import { countRefusals, planLogRuleset } from '../../src/logs/sigma/ruleset.ts';
import { loadLogSources, readLogRuleTexts } from '../../src/os/log-rule-files.ts';
import { figure, main, repoDir } from '../shell.ts';
import { findRules, measureMatching } from './matching.ts';

const SIGMA = join(repoDir, 'services/syslog-x/sigma');

const sourceOf = (rule: SigmaRule): string =>
  rule.kind === 'correlation' ? 'correlation' : Object.values(rule.logSource).filter(Boolean).join(' ');

await main(async () => {
  const from = findRules();
  console.log(`rules of ${from}`);
  const texts = readLogRuleTexts(from);
  const startMs = performance.now();
  const { detections, correlations, broken, off } = planLogRuleset({
    texts: [texts],
    definitions: loadLogSources(SIGMA),
  });
  const seconds = (performance.now() - startMs) / 1000;

  const loaded = Map.groupBy<string, SigmaRule>([...detections, ...correlations], sourceOf);
  for (const [source, rules] of [...loaded].sort(([, a], [, b]) => b.length - a.length)) {
    console.log(`  ${String(rules.length).padStart(5)} load     ${source}`);
  }
  const refused = Map.groupBy(broken, ({ reason }) => reason.slice(0, 100));
  for (const [reason, rules] of refused) console.log(`  ${String(rules.length).padStart(5)} refused  ${reason}`);
  console.log(`${texts.length} files read and planned in ${seconds.toFixed(2)} s; ${off} rules are off`);
  for (const [kind, count] of countRefusals(broken))
    figure(`sigma-refused-${kind.replaceAll(' ', '-')}`, count, 'rules');
  figure('sigma-loaded', detections.length + correlations.length, 'rules');
  figure('sigma-refused', broken.length, 'rules');
  measureMatching(from);
});
