// A finished EVE file -> the sorter, each record under the time it belongs to.
import { createReadStream, existsSync, rmSync } from 'node:fs';
import { MssError, messageOf } from '../../errors.ts';
import { LineSplitter } from '../../eve/line-splitter.ts';
import { eventTimeUs, parseEveLine } from '../../eve/parse.ts';
import type { EveRecord } from '../../eve/record.ts';
import type { LineSorter } from '../../os/line-sorter.ts';

const READ_BYTES = 1 << 20;

/** Hands a file's records to the sorter. @returns how many could not be read */
export async function sortEve(eveFile: string, sorter: LineSorter, metadata: RuleMetadata): Promise<number> {
  if (!existsSync(eveFile)) return 0;
  const lines = new LineSplitter();
  let unreadable = 0;
  try {
    for await (const chunk of createReadStream(eveFile, { highWaterMark: READ_BYTES })) {
      for (const line of lines.push(chunk as Uint8Array)) {
        const record = parseEveLine(line);
        if (record === undefined) unreadable++;
        else if (record.event_type !== 'stats')
          await sorter.add(eventTimeUs(record), withMetadata(line, record, metadata));
      }
    }
  } catch (cause) {
    throw new MssError('engine', `cannot read the engine's records: ${messageOf(cause)}`, { cause });
  }
  rmSync(eveFile, { force: true });
  return unreadable + lines.oversizedLines;
}

export type RuleMetadata = ReadonlyMap<string, Record<string, string[]>>;

/**
 * The line with the rule's metadata, which the engine leaves out when it takes files over its socket: its outputs, which
 * would ask for it, come to life after the rules were loaded (Suricata's ticket 3467).
 */
function withMetadata(line: string, record: EveRecord, metadata: RuleMetadata): string {
  const { alert } = record;
  if (alert === undefined || alert.metadata !== undefined) return line;
  const found = metadata.get(`${alert.gid}:${alert.signature_id}`);
  if (found === undefined || Object.keys(found).length === 0) return line;
  return JSON.stringify({ ...record, alert: { ...alert, metadata: found } });
}
