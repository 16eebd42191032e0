// Feeds of known bad addresses, names and files: fetched with the rule sources, or files that a person keeps; what is
// older than its time counts no more.
import { readFileSync, statSync } from 'node:fs';
import type { SensorConfig } from '../../config/sensor-config.ts';
import { MssError, messageOf } from '../../errors.ts';
import type { Paths } from '../../paths.ts';
import { MOST_ENTRIES } from '../../rules/reputation.ts';
import {
  parseReputation,
  REPUTATION_KINDS,
  type ReputationFeed,
  type ReputationKind,
} from '../../rules/reputation-feed.ts';
import type { BrokenRule } from '../../rules/rule-file.ts';
import { fetchCopy, findAnsweredMs, readCopy } from './fetched-copy.ts';

const MAX_BYTES = 64 << 20;
const DAY_MS = 86_400_000;

export interface Reputation {
  lists: Map<ReputationKind, Set<string>>;
  sources: string[];
  /** lines of feeds that hold no entry, for the report of the set */
  refused: BrokenRule[];
  /** every URL was asked and answered */
  asked: boolean;
}

/**
 * Reads every feed. One that fails leaves its last good content in use until that is too old, or is left out, with a
 * warning.
 * @param options.fetch false: URLs are not asked
 */
export async function readReputation(
  at: Paths,
  config: SensorConfig,
  options: { fetch: boolean; warn: (text: string) => void },
): Promise<Reputation> {
  const { badAddresses, badDomains, badFiles, badListDays } = config.ids;
  const feeds: Record<ReputationKind, readonly string[]> = {
    address: badAddresses,
    domain: badDomains,
    file: badFiles,
  };
  const oldestMs = Date.now() - badListDays * DAY_MS;
  const found: Reputation = { lists: new Map(), sources: [], refused: [], asked: true };
  for (const kind of REPUTATION_KINDS) {
    const list = new Set<string>();
    found.lists.set(kind, list);
    for (const feed of feeds[kind]) {
      try {
        const isUrl = /^https?:/.test(feed);
        if (isUrl) {
          const check = (bytes: Uint8Array) => void parseFeed(kind, feed, bytes);
          const answered = options.fetch && (await fetchCopy(at, feed, config.release.proxy, check, options.warn));
          found.asked &&= answered;
        }
        const bytes = isUrl ? readCopy(at, feed) : readListFile(feed);
        if (bytes === undefined) continue;
        const knownMs = isUrl ? findAnsweredMs(at, feed)! : statSync(feed).mtimeMs;
        if (knownMs < oldestMs) throw new MssError('input', `older than ${badListDays} days (ids.badListDays)`);
        const { entries, refused, refusedCount } = parseFeed(kind, feed, bytes);
        if (refusedCount > 0) {
          const [{ line, text, why }] = refused;
          options.warn(
            `${feed}: ${refusedCount} lines passed over, first line ${line}: ${why}: "${text.slice(0, 80)}"`,
          );
          found.refused.push(
            ...refused.map((one) => ({ file: feed, line: one.line, reason: one.why, text: one.text })),
          );
        }
        for (const entry of entries) if (list.size < MOST_ENTRIES) list.add(entry);
        if (list.size === MOST_ENTRIES) options.warn(`${feed}: above ${MOST_ENTRIES} of a kind, the rest is left out`);
        found.sources.push(feed);
      } catch (error) {
        options.warn(`list ${feed} is left out: ${messageOf(error)}`);
      }
    }
  }
  return found;
}

function readListFile(path: string): Uint8Array {
  if (statSync(path).size > MAX_BYTES) throw new MssError('input', `larger than ${MAX_BYTES} bytes`);
  return readFileSync(path);
}

function parseFeed(kind: ReputationKind, feed: string, bytes: Uint8Array): ReputationFeed {
  const found = parseReputation(kind, Buffer.from(bytes).toString('utf8'));
  // the page of a proxy that wants a login has lines too
  if (found.entries.size === 0) throw new MssError('input', `${feed}: not one ${kind} in it`);
  return found;
}
