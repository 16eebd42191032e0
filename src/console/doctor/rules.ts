// Are there rules, and how old are they?
import { formatAge, formatCount } from '../format.ts';
import { type Check, failed, ok, warning } from './finding.ts';

/** They are fetched every 12 hours; two weeks are many missed rounds. */
const OLD_MS = 14 * 86_400_000;

export const checkRules: Check = ({ snapshot, details, configured }) => {
  if (!configured || !snapshot.config.ids.enabled || details.rules === undefined) return [];
  const { count, updatedMs } = details.rules;
  if (count === 0) {
    return [
      failed(
        'rules',
        'there is not one rule: nothing can be detected by signature',
        'name a source ("mss config set ids.ruleUrls URL"), or take a file: "mss rules import FILE"',
      ),
    ];
  }
  const ageMs = updatedMs === undefined ? undefined : snapshot.timeMs - updatedMs;
  if (ageMs === undefined || ageMs <= OLD_MS) return [ok('rules', `${formatCount(count)} rules are in force`)];
  return [
    warning(
      'rules',
      `the rules are ${formatAge(ageMs)} old`,
      '"mss rules update" fetches new ones; without a network: "mss rules import FILE"',
    ),
  ];
};
