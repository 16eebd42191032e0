// Where ids stands: the place in EVE and the number of the spool record that comes next, written as one file after the
// spool was safe on disk, so that a power cut loses nothing that EVE still has. What the spool holds beyond that number was made of lines after that place: on start it is counted
// and as many lines are not written again, so that each line becomes one record, whenever ids was killed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../os/atomic-file.ts';
import type { Paths } from '../paths.ts';
import { readBatch } from '../spool/reader.ts';
import type { EvePlace } from './eve-follower.ts';
import { isEveEvent } from './spool-event.ts';

export interface IdsBookmark {
  eve: EvePlace;
  /** number of the first spool record that was not yet there */
  nextRecord: number;
}

const bookmarkFile = (at: Paths): string => join(at.stateDir('ids'), 'bookmark.json');

/** The last saved bookmark; the beginning where there is none or it is unreadable. */
export function loadBookmark(at: Paths): IdsBookmark {
  try {
    const { eve, nextRecord } = JSON.parse(readFileSync(bookmarkFile(at), 'utf8')) as Partial<IdsBookmark>;
    if (typeof eve?.file === 'string' && Number.isSafeInteger(eve.offset) && Number.isSafeInteger(nextRecord)) {
      return { eve, nextRecord: nextRecord! };
    }
  } catch {
    // none yet, or torn by hand: EVE is read from its oldest file on
  }
  return { eve: { file: '', offset: 0 }, nextRecord: 0 };
}

/** @throws MssError 'io' */
export const saveBookmark = (at: Paths, bookmark: IdsBookmark): void =>
  writeFileAtomic(bookmarkFile(at), JSON.stringify(bookmark));

/** How many EVE records the spool holds from record number `from` on. */
export function countEveRecords(spoolDir: string, from: number): number {
  let count = 0;
  // no segment is number -1: the reader looks for the one that holds the record, and starts at its head
  for (let place = { record: from, segment: -1, offset: 0 }; ; ) {
    const batch = readBatch(spoolDir, 'ids', place);
    count += batch.records.filter(({ number, event }) => number >= from && isEveEvent(event)).length;
    if (batch.next.record === place.record && batch.next.offset === place.offset) return count;
    place = batch.next;
  }
}
