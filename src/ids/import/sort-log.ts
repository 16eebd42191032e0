// A log file beside the captures of an import: told from them by its first bytes, its events to the sorter.
import type { LogRecord } from '../../api/log-record.ts';
import { LineSplitter } from '../../eve/line-splitter.ts';
import type { Normalize } from '../../logs/normalize.ts';
import { type Arrival, parseLog } from '../../logs/parse.ts';
import { decodeMessage } from '../../logs/text.ts';
import type { LineSorter } from '../../os/line-sorter.ts';

/** A log event's line out of the sorter. */
export const parseLogLine = (line: string): LogRecord => (JSON.parse(line) as { log: LogRecord }).log;

/**
 * Whether a file is a log: text whose first line is a log message. Captures hold NULs from the start.
 * @returns that, and all chunks of the file, the first one too
 */
export async function recognize(
  chunks: AsyncGenerator<Uint8Array>,
  arrival: Arrival,
): Promise<{ isLog: boolean; chunks: AsyncIterable<Uint8Array> }> {
  const { value: first } = await chunks.next();
  const all = async function* () {
    if (first !== undefined) yield first as Uint8Array;
    yield* chunks;
  };
  return { isLog: first !== undefined && beginsLikeLog(first as Uint8Array, arrival), chunks: all() };
}

function beginsLikeLog(first: Uint8Array, arrival: Arrival): boolean {
  const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength);
  if (bytes.subarray(0, 64).includes(0)) return false;
  const end = bytes.indexOf(10);
  return parseLog(decodeMessage(bytes.subarray(0, end === -1 ? bytes.length : end)), arrival).format !== 'raw';
}

/** Hands the events of a log file to the sorter. @returns how many, and how many lines were too long to be one */
export async function sortLog(
  chunks: AsyncIterable<Uint8Array>,
  sorter: LineSorter,
  normalize: Normalize,
  arrival: Arrival,
): Promise<{ logs: number; oversizedLines: number }> {
  const lines = new LineSplitter();
  let logs = 0;
  const take = async (line: string) => {
    const log = parseLog(line.replace(/\r$/, ''), arrival);
    normalize(log);
    logs++;
    await sorter.add(log.timeUs, JSON.stringify({ type: 'log', timeUs: log.timeUs, log }));
  };
  for await (const chunk of chunks) for (const line of lines.push(chunk)) await take(line);
  // the last line may lack its end
  for (const line of lines.push(Buffer.from('\n'))) await take(line);
  return { logs, oversizedLines: lines.oversizedLines };
}
