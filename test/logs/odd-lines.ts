// What must hold of every line, however odd: it is read without an error, kept as it came, and its fields are text.
import { expect } from 'vitest';
import { compileDecoders } from '../../src/logs/normalize.ts';
import { parseLog } from '../../src/logs/parse.ts';
import { decodeMessage } from '../../src/logs/text.ts';
import { loadDecoders } from '../../src/os/decoder-files.ts';
import { mutateLines } from './mutate.ts';

const arrival = { arrivedUs: 1_795_500_000e6, offsetMinutes: 0, sender: '192.0.2.7', transport: 'udp' as const };

/** Reads `count` mutated lines. @returns how many a decoder knew */
export function readOddLines(count: number, seed: number): number {
  const normalize = compileDecoders(loadDecoders('services/syslog-x/decoders'));
  let decoded = 0;
  for (const line of mutateLines(count, seed)) {
    // as bytes, like from the wire
    const raw = decodeMessage(Buffer.from(line));
    const record = parseLog(raw, arrival);
    normalize(record);
    const { fields = {} } = record;
    const isWhole = record.raw === raw && raw.endsWith(record.message) && Number.isSafeInteger(record.timeUs);
    if (!isWhole || !Object.values(fields).every((value) => typeof value === 'string')) {
      expect.fail(`read wrongly: ${JSON.stringify(line)} -> ${JSON.stringify(record)}`);
    }
    if (record.decoder !== undefined) decoded++;
  }
  return decoded;
}
