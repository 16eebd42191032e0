// Where ids stands: the places in EVE and in the logs, and the number of the spool record that comes next, written as
// one file after the spool was safe on disk, so that a power cut loses nothing that EVE still has. What the spool holds
// beyond that number was made of what follows those places: on start it is counted and as many lines are not written
// again, so that each line becomes one record, whenever ids was killed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../os/atomic-file.ts';
import type { Paths } from '../paths.ts';
import { type Bookmark, parseBookmark, START } from '../spool/bookmark.ts';
import { readBatch } from '../spool/reader.ts';
import type { EvePlace } from './eve-follower.ts';
import { isEveEvent, tiedRecordOf } from './spool-event.ts';

export interface IdsBookmark {
  eve: EvePlace;
  /** place in syslog-x's stream */
  logs: Bookmark;
  /** place in the portal's stream of verdicts */
  verdicts: Bookmark;
  /** number of the first spool record that was not yet there */
  nextRecord: number;
}

const bookmarkFile = (at: Paths): string => join(at.stateDir('ids'), 'bookmark.json');

/** The last saved bookmark; the beginning where there is none or it is unreadable. */
export function loadBookmark(at: Paths): IdsBookmark {
  try {
    const { eve, logs, verdicts, nextRecord } = JSON.parse(
      readFileSync(bookmarkFile(at), 'utf8'),
    ) as Partial<IdsBookmark>;
    if (typeof eve?.file === 'string' && Number.isSafeInteger(eve.offset) && Number.isSafeInteger(nextRecord)) {
      const place = (bookmark: unknown) => parseBookmark(JSON.stringify(bookmark));
      return { eve, logs: place(logs), verdicts: place(verdicts), nextRecord: nextRecord! };
    }
  } catch {
    // none yet, or torn by hand: EVE is read from its oldest file on
  }
  return { eve: { file: '', offset: 0 }, logs: { ...START }, verdicts: { ...START }, nextRecord: 0 };
}

/** @throws MssError 'io' */
export const saveBookmark = (at: Paths, bookmark: IdsBookmark): void =>
  writeFileAtomic(bookmarkFile(at), JSON.stringify(bookmark));

/** What the spool holds already of what comes after the bookmark. */
export interface Kept {
  eveRecords: number;
  /** numbers of the log records that it ties to a conversation */
  tiedRecords: Set<number>;
}

/** Reads the spool from record number `from` on. */
export function findKept(spoolDir: string, from: number): Kept {
  const kept: Kept = { eveRecords: 0, tiedRecords: new Set() };
  // no segment is number -1: the reader looks for the one that holds the record, and starts at its head
  for (let place = { record: from, segment: -1, offset: 0 }; ; ) {
    const batch = readBatch(spoolDir, 'ids', place);
    for (const { number, event } of batch.records) {
      if (number < from) continue;
      const tied = tiedRecordOf(event);
      if (tied !== undefined) kept.tiedRecords.add(tied);
      else if (isEveEvent(event)) kept.eveRecords++;
    }
    if (batch.next.record === place.record && batch.next.offset === place.offset) return kept;
    place = batch.next;
  }
}
