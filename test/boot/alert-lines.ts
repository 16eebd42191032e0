// What `mss … --json` prints, as far as the boot tests look at it.

export interface AlertRecord {
  type: string;
  eve: { alert: { signature_id: number; signature: string }; community_id?: string };
}

/** One JSON object a line. */
export function parseJsonLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as T);
}
