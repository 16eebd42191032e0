// A spool segment: lines of JSON in a file named after the number of its first record.
import { readdirSync } from 'node:fs';

const NAME = /^(\d{16})\.ndjson$/;

export const segmentName = (firstRecord: number): string => `${String(firstRecord).padStart(16, '0')}.ndjson`;

/** First record numbers of all segments in `dir`, oldest first; none when the folder is not there. */
export function listSegments(dir: string): number[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
