// The last rule sets on disk, under ids' state: `sets/<id>/` with the rules and what is known of them, and `current`,
// a link that is switched by rename. The engine reads through the link.

import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MssError, messageOf } from '../../errors.ts';
import { writeFileAtomic } from '../../os/atomic-file.ts';
import type { Paths } from '../../paths.ts';
import { renderThresholds } from '../../rules/render-rules.ts';
import { FILES_LIST, NETWORKS_LIST } from '../../rules/reputation.ts';
import { type BrokenRule, parseRuleFile, type SourcedRule } from '../../rules/rule-file.ts';

export const SETS_KEPT = 10;
/** a feed of nothing but rules that no engine takes must not fill the disk with reasons */
const BROKEN_KEPT = 1000;

export interface StoredRuleset {
  id: string;
  createdMs: number;
  /** last time all sources were asked and the set was still the same */
  checkedMs: number;
  /** what it was made of: file names and URLs */
  sources: string[];
  rules: number;
  /** rules that the sources ship or a person switched off */
  off: number;
  /** rules set aside, the first of them: as many as are kept for a person to read */
  broken: BrokenRule[];
  /** all of them; absent where they stand in `broken` */
  brokenCount?: number;
  /** digests of the lists that its rules load, by file name */
  lists?: Record<string, string>;
}

export const rulesDir = (at: Paths): string => join(at.stateDir('ids'), 'rules');
const setsDir = (at: Paths): string => join(rulesDir(at), 'sets');
const currentLink = (at: Paths): string => join(rulesDir(at), 'current');
const rulesFileOf = (at: Paths, id: string): string => join(setsDir(at), id, 'mss.rules');
const thresholdsFileOf = (at: Paths, id: string): string => join(setsDir(at), id, 'threshold.config');
const descriptionOf = (at: Paths, id: string): string => join(setsDir(at), id, 'set.json');

/** The path through which the engine reads the set in force. */
export const currentRulesFile = (at: Paths): string => join(currentLink(at), 'mss.rules');

/** The same for the thresholds and suppressions that belong to the set. */
export const currentThresholdsFile = (at: Paths): string => join(currentLink(at), 'threshold.config');

/** The digests of bad files that feeds brought with the set in force. */
export const currentBadFilesList = (at: Paths): string => join(currentLink(at), FILES_LIST);

/** That path where there is a set in force. */
export function findCurrentRulesFile(at: Paths): string | undefined {
  return existsSync(currentRulesFile(at)) ? currentRulesFile(at) : undefined;
}

/** Id of the set in force. */
export function findCurrentId(at: Paths): string | undefined {
  try {
    return basename(readlinkSync(currentLink(at)));
  } catch {
    return undefined; // no set yet
  }
}

/** When the set in force was put there, in milliseconds; 0 without one. */
export function findSwitchedMs(at: Paths): number {
  return lstatSync(currentLink(at), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** All kept sets, oldest first; one that cannot be read is left out. */
export function listRulesets(at: Paths): StoredRuleset[] {
  if (!existsSync(setsDir(at))) return [];
  return readdirSync(setsDir(at))
    .sort()
    .flatMap((id) => findRuleset(at, id) ?? []);
}

export function findRuleset(at: Paths, id: string): StoredRuleset | undefined {
  try {
    return JSON.parse(readFileSync(descriptionOf(at, id), 'utf8')) as StoredRuleset;
  } catch {
    return undefined; // a set that a crash left half written: the next one gets another id
  }
}

/** What tells two sets of lists apart. */
export const digestLists = (lists: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries([...lists].map(([name, text]) => [name, createHash('sha256').update(text).digest('hex')]));

/** The lists that the rules of a file load from beside it, by name. */
export function readListsBeside(rulesFile: string): Map<string, string> {
  const dir = dirname(rulesFile);
  const names = readdirSync(dir).filter((name) => name.endsWith('.lst'));
  return new Map(names.map((name) => [name, readFileSync(join(dir, name), 'utf8')]));
}

/** Rules set aside when it was made. */
export const countBroken = (set: StoredRuleset): number => set.brokenCount ?? set.broken.length;

/** The rules and thresholds of a kept set. @throws MssError 'not-found' */
export function readRulesetRules(at: Paths, id: string): { text: string; rules: SourcedRule[]; thresholds: string[] } {
  try {
    const text = readFileSync(rulesFileOf(at, id), 'utf8');
    const thresholdsFile = thresholdsFileOf(at, id);
    // a set of an earlier release has none
    const lines = existsSync(thresholdsFile) ? readFileSync(thresholdsFile, 'utf8').split('\n') : [];
    return { text, rules: parseRuleFile({ file: 'mss.rules', text }).rules, thresholds: lines.filter(Boolean) };
  } catch (cause) {
    throw new MssError('not-found', `rule set ${id} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** Keeps a new set and puts it in force; the oldest beyond ten go. @throws MssError 'io' */
export function saveRuleset(
  at: Paths,
  rules: string,
  about: Omit<StoredRuleset, 'id'>,
  thresholds: readonly string[] = [],
  lists: ReadonlyMap<string, string> = new Map(),
): StoredRuleset {
  const sets = existsSync(setsDir(at)) ? readdirSync(setsDir(at)).sort() : [];
  const id = String(Number(sets.at(-1) ?? 0) + 1).padStart(6, '0');
  makeDir(join(setsDir(at), id));
  const set: StoredRuleset = {
    id,
    ...about,
    broken: about.broken.slice(0, BROKEN_KEPT),
    brokenCount: about.broken.length,
    lists: digestLists(lists),
  };
  writeForEngine(rulesFileOf(at, id), rules);
  writeForEngine(thresholdsFileOf(at, id), renderThresholds(thresholds));
  // the engine looks for them beside the rules
  const before = findCurrentId(at);
  const known = before === undefined ? undefined : findRuleset(at, before)?.lists;
  for (const [name, text] of lists) {
    const file = join(setsDir(at), id, name);
    const same = before !== undefined && known?.[name] === set.lists?.[name];
    if (!same || !canLink(join(setsDir(at), before, name), file)) writeForEngine(file, text);
  }
  writeForEngine(descriptionOf(at, id), JSON.stringify(set));
  switchTo(at, id);
  for (const old of sets.slice(0, Math.max(0, sets.length + 1 - SETS_KEPT))) {
    rmSync(join(setsDir(at), old), { recursive: true, force: true });
  }
  return set;
}

/** A list may have 30 MB, and few of them change with the rules. False where root made it and this is ids, or it is gone. */
function canLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** Notes that the set in force was compared with its sources again. */
export function noteChecked(at: Paths, id: string, checkedMs: number): void {
  const set = findRuleset(at, id);
  if (set !== undefined) writeForEngine(descriptionOf(at, id), JSON.stringify({ ...set, checkedMs }));
}

/**
 * Puts the set before the one in force, or the named one, back in force.
 * @throws MssError 'not-found' when there is none
 */
export function undoRuleset(at: Paths, wanted?: string): StoredRuleset {
  const current = findCurrentId(at);
  const sets = listRulesets(at);
  const set =
    wanted === undefined
      ? sets.findLast(({ id }) => current !== undefined && id < current)
      : sets.find(({ id }) => id === wanted);
  if (set === undefined) {
    const kept = sets.map(({ id }) => id).join(', ') || 'none';
    throw new MssError(
      'not-found',
      `no ${wanted === undefined ? 'earlier rule set' : `rule set ${wanted}`}; kept are: ${kept}`,
    );
  }
  if (current !== undefined && set.id < current) {
    const { text, thresholds } = readRulesetRules(at, current);
    writeForEngine(undoneFile(at), hashSet(text, thresholds));
  } else rmSync(undoneFile(at), { force: true });
  switchTo(at, set.id);
  return set;
}

/** Whether these rules are what a person took out of force last: no round of updates brings them back by itself. */
export function isUndone(at: Paths, rules: string, thresholds: readonly string[]): boolean {
  return existsSync(undoneFile(at)) && readFileSync(undoneFile(at), 'utf8') === hashSet(rules, thresholds);
}

const undoneFile = (at: Paths): string => join(rulesDir(at), 'undone');
// without thresholds it is the hash of the rules alone, as earlier releases wrote it
const hashSet = (rules: string, thresholds: readonly string[]): string =>
  createHash('sha256').update(rules).update(renderThresholds(thresholds)).digest('hex');

/**
 * The engine's configuration names a list that sets of earlier releases have not.
 * @returns whether the set in force has it now; one that root made may stay without
 */
export function completeCurrent(at: Paths): boolean {
  const id = findCurrentId(at);
  if (id === undefined) return false;
  try {
    complete(at, id);
    return true;
  } catch {
    return false;
  }
}

function complete(at: Paths, id: string): void {
  const networks = join(setsDir(at), id, NETWORKS_LIST);
  if (!existsSync(networks)) writeForEngine(networks, '');
}

function switchTo(at: Paths, id: string): void {
  complete(at, id);
  const beside = `${currentLink(at)}.${process.pid}.new`;
  rmSync(beside, { force: true });
  symlinkSync(join('sets', id), beside);
  renameSync(beside, currentLink(at));
}

/** Makes a folder under ids' state. */
export function makeDir(dir: string): void {
  const missing: string[] = [];
  for (let one = dir; !existsSync(one); one = dirname(one)) missing.push(one);
  mkdirSync(dir, { recursive: true });
  // the engine's user reads rules whatever the umask of who makes them
  for (const one of missing) chmodSync(one, 0o755);
}

/** Writes a file under ids' state, readable by the engine. */
export const writeForEngine = (file: string, content: string | Uint8Array): void =>
  writeFileAtomic(file, content, { mode: 0o644 });
