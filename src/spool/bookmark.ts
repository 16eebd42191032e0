// Where a reader of a spool stream stands. Each reader keeps its own, with what it made of the records.

export interface Bookmark {
  /** number of the next record to read */
  record: number;
  /** first record number of the segment that holds it */
  segment: number;
  /** byte in that segment at which it starts */
  offset: number;
}

export const START: Bookmark = { record: 0, segment: 0, offset: 0 };

/** Reads a bookmark back; anything that is not one means the start. */
export function parseBookmark(text: string | undefined): Bookmark {
  if (text === undefined) return { ...START };
  try {
    const { record, segment, offset } = JSON.parse(text) as Partial<Bookmark>;
    if (Number.isSafeInteger(record) && Number.isSafeInteger(segment) && Number.isSafeInteger(offset)) {
      return { record: record!, segment: segment!, offset: offset! };
    }
  } catch {
    // a torn bookmark file: read from the start again, records are applied once by their number
  }
  return { ...START };
}
