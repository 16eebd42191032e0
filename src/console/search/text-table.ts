// Rows of text in aligned columns, as wide as the screen: one column may be cut, none moves the cursor.
import { escapeControl } from '../../log.ts';

export interface TextColumn {
  head: string;
  /** numbers stand on the right */
  right?: boolean;
  /** takes what the others leave, and is cut to that */
  flexible?: boolean;
}

const GAP = '  ';
const NARROWEST = 12;

/** @param width columns of the screen; Infinity where the output is no screen */
export function renderTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const cells = rows.map((row) => row.map(escapeControl));
  const widths = columns.map((column, i) => Math.max(column.head.length, ...cells.map((row) => row[i].length)));
  const flexible = columns.findIndex((column) => column.flexible);
  if (flexible >= 0) {
    const others = widths.reduce((sum, each, i) => (i === flexible ? sum : sum + each + GAP.length), 0);
    widths[flexible] = Math.min(widths[flexible], Math.max(NARROWEST, width - others));
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => {
        const shown = cell.length <= widths[i] ? cell : `${cell.slice(0, widths[i] - 2)}..`;
        return columns[i].right ? shown.padStart(widths[i]) : shown.padEnd(widths[i]);
      })
      .join(GAP)
      .trimEnd();
  return [line(columns.map(({ head }) => head)), ...cells.map(line)].join('\n');
}
