// Feeds of known bad addresses and names: fetched with the rule sources, or files that a person keeps; what is older
// than its time counts no more.
import { readFileSync, statSync } from 'node:fs';
import type { SensorConfig } from '../../config/sensor-config.ts';
import { MssError, messageOf } from '../../errors.ts';
import type { Paths } from '../../paths.ts';
import { MOST_ENTRIES, parseReputation, REPUTATION_KINDS, type ReputationKind } from '../../rules/reputation.ts';
import { fetchCopy, findAnsweredMs, readCopy } from './fetched-copy.ts';

const MAX_BYTES = 64 << 20;
const DAY_MS = 86_400_000;

/**
 * Reads every feed. One that fails leaves its last good content in use until that is too old, or is left out, with a
 * warning.
 * @param options.fetch false: URLs are not asked
 * @returns `asked`: every URL was asked and answered
 */
export async function readReputation(
  at: Paths,
  config: SensorConfig,
  options: { fetch: boolean; warn: (text: string) => void },
): Promise<{ lists: Map<ReputationKind, Set<string>>; sources: string[]; asked: boolean }> {
  const { badAddresses, badDomains, badListDays } = config.ids;
  const feeds: Record<ReputationKind, readonly string[]> = { address: badAddresses, domain: badDomains };
  const oldestMs = Date.now() - badListDays * DAY_MS;
  const lists = new Map<ReputationKind, Set<string>>();
  const sources: string[] = [];
  let asked = true;
  for (const kind of REPUTATION_KINDS) {
    const list = new Set<string>();
    lists.set(kind, list);
    for (const feed of feeds[kind]) {
      try {
        const isUrl = /^https?:/.test(feed);
        if (isUrl) {
          const check = (bytes: Uint8Array) => void parseFeed(kind, feed, bytes);
          const answered = options.fetch && (await fetchCopy(at, feed, config.release.proxy, check, options.warn));
          asked &&= answered;
        }
        const bytes = isUrl ? readCopy(at, feed) : readListFile(feed);
        if (bytes === undefined) continue;
        const knownMs = isUrl ? findAnsweredMs(at, feed)! : statSync(feed).mtimeMs;
        if (knownMs < oldestMs) throw new MssError('input', `older than ${badListDays} days (ids.badListDays)`);
        const { entries, refused } = parseFeed(kind, feed, bytes);
        if (refused > 0) options.warn(`${feed}: ${refused} lines are no ${kind} and are passed over`);
        for (const entry of entries) if (list.size < MOST_ENTRIES) list.add(entry);
        if (list.size === MOST_ENTRIES) options.warn(`${feed}: above ${MOST_ENTRIES} of a kind, the rest is left out`);
        sources.push(feed);
      } catch (error) {
        options.warn(`list ${feed} is left out: ${messageOf(error)}`);
      }
    }
  }
  return { lists, sources, asked };
}

function readListFile(path: string): Uint8Array {
  if (statSync(path).size > MAX_BYTES) throw new MssError('input', `larger than ${MAX_BYTES} bytes`);
  return readFileSync(path);
}

function parseFeed(kind: ReputationKind, feed: string, bytes: Uint8Array): ReturnType<typeof parseReputation> {
  const found = parseReputation(kind, Buffer.from(bytes).toString('utf8'));
  // the page of a proxy that wants a login has lines too
  if (found.entries.size === 0) throw new MssError('input', `${feed}: not one ${kind} in it`);
  return found;
}
