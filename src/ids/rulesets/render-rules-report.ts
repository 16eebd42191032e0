// What `mss rules` says to a person.
import type { RulesetDiff } from '../../rules/diff.ts';
import type { RuleSource } from './rule-sources.ts';
import { countBroken, type StoredRuleset } from './ruleset-store.ts';
import type { RulesUpdate } from './update-rules.ts';

const SHOWN = 20;

export function renderSet(set: StoredRuleset, current: boolean): string {
  const head = `${current ? '*' : ' '} ${set.id}  ${time(set.createdMs)}  ${set.rules} rules, ${set.off} off, ${countBroken(set)} set aside; sources asked ${time(set.checkedMs)}`;
  if (!current) return head;
  return [head, ...some(set.broken.map((rule) => `${rule.file}:${rule.line}: ${rule.id ?? ''} ${rule.reason}`))].join(
    '\n',
  );
}

export function renderSources(sources: readonly RuleSource[]): string {
  const rows = sources.map(({ kind, name, updatedMs }) => {
    return `${kind.padEnd(9)}  ${updatedMs === undefined ? 'not fetched yet    ' : time(updatedMs)}  ${name}`;
  });
  return rows.join('\n');
}

export function renderUpdate({ set, changed, diff }: RulesUpdate): string {
  if (!changed) return `No change: set ${set.id} with ${set.rules} rules stays in force.`;
  return [`Set ${set.id} is in force: ${set.rules} rules, ${countBroken(set)} set aside.`, renderDiff(diff)].join('\n');
}

export function renderDiff(diff: RulesetDiff): string {
  const parts: [string, string[]][] = [
    ['added', diff.added],
    ['changed', diff.changed.map(({ id, from, to }) => `${id}: ${from} -> ${to}`)],
    ['removed', diff.removed],
    ['thresholds added', diff.thresholds.added],
    ['thresholds removed', diff.thresholds.removed],
    ['set aside', diff.broken.map((rule) => `${rule.file}:${rule.line}: ${rule.id ?? ''} ${rule.reason}`)],
  ];
  return parts.map(([what, rows]) => [`${rows.length} ${what}`, ...some(rows)].join('\n')).join('\n');
}

const some = (rows: readonly string[]): string[] => [
  ...rows.slice(0, SHOWN).map((row) => `    ${row}`),
  ...(rows.length > SHOWN ? [`    … and ${rows.length - SHOWN} more (--json lists all)`] : []),
];

const time = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 16);
