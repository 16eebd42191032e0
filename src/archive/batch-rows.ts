// A spool batch as rows, table by table.
import { MssError } from '../errors.ts';
import type { Batch } from '../spool/reader.ts';
import { type ArchiveRow, rowOf } from './row.ts';
import type { TableName } from './schema.ts';

/**
 * Rows by table, and how many records were no event. Of an incident only its last state counts: the newest wins.
 */
export function rowsOfBatch(batch: Batch): { rows: Map<TableName, ArchiveRow['values'][]>; passedOver: number } {
  const rows = new Map<TableName, ArchiveRow['values'][]>();
  let passedOver = batch.badRecords;
  for (const { number, event } of batch.records) {
    let row: ArchiveRow;
    try {
      row = rowOf(number, event);
    } catch (error) {
      if (!(error instanceof MssError || error instanceof TypeError)) throw error;
      passedOver++;
      continue;
    }
    const sameTable = rows.get(row.table);
    if (sameTable === undefined) rows.set(row.table, [row.values]);
    else sameTable.push(row.values);
  }
  const incidents = rows.get('incidents');
  if (incidents !== undefined) {
    rows.set('incidents', [...new Map(incidents.map((row) => [(row as { id: unknown }).id, row])).values()]);
  }
  return { rows, passedOver };
}
