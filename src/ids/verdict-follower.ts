// Follows the portal's stream of verdicts: what persons say of incidents.
import type { SensorEvent } from '../api/event.ts';
import type { Bookmark } from '../spool/bookmark.ts';
import { readBatch } from '../spool/reader.ts';

export type VerdictEvent = Extract<SensorEvent, { type: 'verdict' }>;

export class VerdictFollower {
  /** where to go on; keep it with what was made of the verdicts */
  place: Bookmark;
  readonly #dir: string;

  constructor(dir: string, from: Bookmark) {
    this.#dir = dir;
    this.place = from;
  }

  /** The next verdicts; none when there is nothing new. */
  read(): VerdictEvent[] {
    const { records, next } = readBatch(this.#dir, 'verdicts', this.place);
    this.place = next;
    return records.flatMap(({ event }) => (event.type === 'verdict' ? event : []));
  }
}
