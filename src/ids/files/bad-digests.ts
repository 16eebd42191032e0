// Digests of known bad files: the person's own list and what the feeds brought with the rule set in force, read again
// when one of them changes.
import { readFileSync, statSync } from 'node:fs';
import { MssError, messageOf } from '../../errors.ts';
import type { Paths } from '../../paths.ts';
import { MOST_ENTRIES } from '../../rules/reputation.ts';
import { parseReputation } from '../../rules/reputation-feed.ts';
import { currentBadFilesList } from '../rulesets/ruleset-store.ts';

/** as many lines as are taken, with a remark each */
const MOST_BYTES = 64 << 20;

export class BadDigests {
  readonly #paths: readonly string[];
  readonly #warn: (text: string) => void;
  #versions = '';
  readonly #lists = new Map<string, ReadonlySet<string>>();
  #all: ReadonlySet<string> = new Set();

  constructor(at: Paths, warn: (text: string) => void) {
    this.#paths = [at.badFilesList, currentBadFilesList(at)];
    this.#warn = warn;
  }

  /** All that are known now. A list of which nothing can be read leaves the one before in force. */
  get all(): ReadonlySet<string> {
    const versions = this.#paths.map((path) => {
      const status = statSync(path, { throwIfNoEntry: false });
      return status === undefined ? '' : `${status.ino} ${status.ctimeMs} ${status.size}`;
    });
    if (versions.join(', ') === this.#versions) return this.#all;
    this.#versions = versions.join(', ');
    for (const [i, path] of this.#paths.entries()) {
      if (versions[i] === '') this.#lists.delete(path);
      else this.#read(path);
    }
    const [list, more] = this.#lists.values();
    this.#all = more === undefined ? (list ?? new Set()) : new Set([...list, ...more]);
    return this.#all;
  }

  #read(path: string): void {
    try {
      if (statSync(path).size > MOST_BYTES) throw new MssError('input', `${path} is longer than ${MOST_BYTES} bytes`);
      const { entries, refused, refusedCount } = parseReputation('file', readFileSync(path, 'utf8'));
      if (entries.size > MOST_ENTRIES) throw new MssError('input', `${path} has more than ${MOST_ENTRIES} digests`);
      const lines = refused.slice(0, 10).map(({ line, text }) => `${line} ("${text.slice(0, 80)}")`);
      if (refusedCount > 0) {
        const which = lines.join(', ') + (refusedCount > lines.length ? ' …' : '');
        this.#warn(`${path}: ${refusedCount} lines hold no MD5, SHA-1 or SHA-256: line ${which}`);
        if (entries.size === 0) return;
      }
      this.#lists.set(path, entries);
    } catch (error) {
      this.#warn(messageOf(error));
    }
  }
}
