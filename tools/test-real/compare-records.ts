// The records of two engines about one capture file -> where they differ. Pure.

/** path, their value and ours, as JSON */
type ChangedField = [string, string, string | undefined];

type EveLine = Record<string, unknown> & { event_type: string };

export interface Difference {
  eventType: string;
  /** `order`: a list with the same values in another order */
  kind: 'missing' | 'extra' | 'changed' | 'order';
  /** of a changed record: the field, and both values */
  text: string;
}

/** Made up anew by each run, or written only where it is asked for. */
const UNCOMPARED = new Set(['flow_id', 'parent_id', 'community_id']);

/** @returns the records of an EVE file; statistics and a broken last line left out */
export function parseRecords(eve: string): EveLine[] {
  return eve.split('\n').flatMap((line) => {
    if (!line.endsWith('}')) return [];
    const record = JSON.parse(line) as EveLine;
    return record.event_type === 'stats' ? [] : [record];
  });
}

/**
 * Compares what `theirs` holds with `ours`: each of their records must be in ours with the same values. Fields that ours
 * has beyond that are no difference (more is asked of the engine), records are.
 */
export function compareRecords(ours: readonly EveLine[], theirs: readonly EveLine[]): Difference[] {
  const left = Map.groupBy(ours, placeOf);
  const found: Difference[] = [];
  for (const record of theirs) {
    const wanted = fieldsOf(record);
    const rivals = left.get(placeOf(record)) ?? [];
    const wrong = rivals.map((rival): ChangedField[] => {
      const values = new Map(fieldsOf(rival));
      return wanted
        .filter(([path, value]) => values.get(path) !== value)
        .map(([path, value]) => [path, value, values.get(path)]);
    });
    const eventType = record.event_type;
    if (wrong.length === 0) {
      found.push({ eventType, kind: 'missing', text: placeOf(record) });
      continue;
    }
    const best = wrong.reduce((least, one, i) => (one.length < wrong[least].length ? i : least), 0);
    rivals.splice(best, 1);
    for (const [list, fields] of Map.groupBy(wrong[best], ([path]) => listOf(path))) {
      if (list !== undefined && isReordered(fields)) found.push({ eventType, kind: 'order', text: list });
      else for (const one of fields) found.push({ eventType, kind: 'changed', text: toWords(one) });
    }
  }
  for (const record of [...left.values()].flat()) {
    found.push({ eventType: record.event_type, kind: 'extra', text: placeOf(record) });
  }
  return found;
}

/**
 * What a record is about: two records of one place are compared field by field. A flow's own time is when the engine took
 * note of its end; when it began tells which flow it is.
 */
function placeOf(record: EveLine): string {
  const timestamp = record.event_type === 'flow' ? (record.flow as { start?: string }).start : record.timestamp;
  const { src_ip, src_port, dest_ip, dest_port, proto, pcap_cnt } = record;
  const sid = (record.alert as { signature_id?: number } | undefined)?.signature_id;
  return [record.event_type, timestamp, src_ip, src_port, dest_ip, dest_port, proto, pcap_cnt, sid].join(' ');
}

function fieldsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) =>
    UNCOMPARED.has(key) ? [] : fieldsOf(inner, path === '' ? key : `${path}.${key}`),
  );
}

/** The path of the list that a value stands in; undefined where it stands in none. */
const listOf = (path: string): string | undefined => /^(.*)\.\d+$/.exec(path)?.[1];

const isReordered = (fields: readonly ChangedField[]): boolean => {
  const theirs = fields.map(([, value]) => value).sort();
  const ours = fields.map(([, , value]) => value).sort();
  return theirs.every((value, i) => value === ours[i]);
};

const toWords = ([path, value, our]: ChangedField): string => `${path} ${our} instead of ${value}`;
