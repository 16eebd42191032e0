// How far each rule and detector is to be believed, learned on this site: its hits inside incidents against all its
// hits, corrected by what persons say. Bounded: the source longest silent is forgotten.

const MAX_SOURCES = 20_000;
const MAX_HOSTS = 8;
/** hits of which half were true that every source is taken to have had before: the share of a few says little */
const PRESUMED_HITS = 4;
/** below this many hits a source is rare, and nothing is held against it */
export const LEARNED_HITS = 10;

export interface SourceRecord {
  hits: number;
  /** of them, in an incident that nobody called false */
  true: number;
  /** hosts it was seen on, up to 8 */
  hosts: string[];
}

export class Truth {
  readonly #sources = new Map<string, SourceRecord>();

  /** Notes a hit of `source` (a rule's gid:sid, or a detector's name). */
  hit(source: string, host: string, inIncident: boolean): void {
    const record = this.#sources.get(source) ?? { hits: 0, true: 0, hosts: [] };
    this.#sources.delete(source);
    this.#sources.set(source, record);
    record.hits++;
    if (inIncident) record.true++;
    if (record.hosts.length < MAX_HOSTS && !record.hosts.includes(host)) record.hosts.push(host);
    if (this.#sources.size > MAX_SOURCES) this.#sources.delete(this.#sources.keys().next().value!);
  }

  /** Earlier hits turned out to be part of an incident (or, negative, of none). */
  correct(source: string, hits: number): void {
    const record = this.#sources.get(source);
    if (record !== undefined) record.true = Math.max(0, Math.min(record.hits, record.true + hits));
  }

  /** What is known of a source; `share` of its hits in incidents is smoothed. Undefined where it was never seen. */
  of(source: string): { hits: number; share: number; hosts: number } | undefined {
    const record = this.#sources.get(source);
    if (record === undefined) return undefined;
    const share = (record.true + PRESUMED_HITS / 2) / (record.hits + PRESUMED_HITS);
    return { hits: record.hits, share, hosts: record.hosts.length };
  }

  entries(): [string, SourceRecord][] {
    return [...this.#sources];
  }

  restore(entries: Iterable<[string, SourceRecord]>): void {
    for (const [source, record] of entries) this.#sources.set(source, record);
  }
}
