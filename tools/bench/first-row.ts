// Where in a list of alerts the first one of an attack stands, when the list is sorted. Pure.

export interface AlertRow {
  rank: number;
  severity: number;
}

/**
 * The place of the first of `wanted` in a list with `others`, from 1. Rows that sort alike come in any order: it is the
 * place to be expected. Infinity where nothing is wanted.
 * @param key the lower, the further up
 */
export function firstPlace(
  wanted: readonly AlertRow[],
  others: readonly AlertRow[],
  key: (row: AlertRow) => number,
): number {
  const best = Math.min(...wanted.map(key));
  const above = others.filter((row) => key(row) < best).length;
  const beside = others.filter((row) => key(row) === best).length;
  const first = wanted.filter((row) => key(row) === best).length;
  return first === 0 ? Number.POSITIVE_INFINITY : above + (beside + first + 1) / (first + 1);
}
