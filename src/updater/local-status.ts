// What a sensor says about its own age: release, rule set, and whether something newer is at hand.
import type { ServiceStatus } from '../api/status.ts';
import { compareVersions } from './release-version.ts';

export interface LocalFacts {
  nowMs: number;
  /** undefined: not running from an installed release */
  version: string | undefined;
  /** release.source of the configuration */
  source: string;
  /** newest version in the source, when that is a folder that could be read */
  offered: string | undefined;
  /** why the source could not be looked into */
  sourceProblem: string | undefined;
  rulesUpdatedMs: number | undefined;
}

/** A rule set that missed this many of its 12-hour rounds is old. */
const OLD_RULES_MS = 7 * 86_400_000;

/** True for a source that is a place in the file system. */
export const isFolder = (source: string): boolean => source.startsWith('/');

/** When the rule set that ids runs with was last renewed, out of ids' status. */
export function readRulesUpdated(ids: ServiceStatus | undefined): number | undefined {
  const rules = ids?.detail?.rules;
  if (typeof rules !== 'object' || rules === null || !('updatedMs' in rules)) return undefined;
  return typeof rules.updatedMs === 'number' ? rules.updatedMs : undefined;
}

/** One line for a person, and whether it is something to act on. */
export function renderLocalStatus(facts: LocalFacts): { text: string; isHealthy: boolean } {
  const parts: string[] = [facts.version === undefined ? 'not an installed release' : `release ${facts.version}`];
  let isHealthy = true;
  if (facts.source === '') {
    parts.push('release.source is empty: stays on this release');
  } else if (!isFolder(facts.source)) {
    parts.push(`release.source ${facts.source} is no folder: a URL needs a controller, and this sensor has none`);
    isHealthy = false;
  } else if (facts.sourceProblem !== undefined) {
    parts.push(facts.sourceProblem);
    isHealthy = false;
  } else if (facts.offered === undefined) {
    parts.push(`no release lies in ${facts.source}`);
  } else if (facts.version === undefined || compareVersions(facts.offered, facts.version) > 0) {
    parts.push(`release ${facts.offered} lies in ${facts.source}`);
  } else {
    parts.push(`the newest of ${facts.source}`);
  }
  if (facts.rulesUpdatedMs === undefined) {
    parts.push('age of the rules not known yet');
  } else {
    const ageMs = Math.max(0, facts.nowMs - facts.rulesUpdatedMs);
    const isOld = ageMs > OLD_RULES_MS;
    parts.push(`rules ${renderAge(ageMs)} old${isOld ? ': run "mss rules update" and read what it says' : ''}`);
    if (isOld) isHealthy = false;
  }
  return { text: parts.join('; '), isHealthy };
}

/** "5 min", "3 h", "12 days". */
export function renderAge(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
