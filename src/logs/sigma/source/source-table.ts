// Which source a record is of: the first definition that it fits.
import type { LogRecord } from '../../../api/log-record.ts';
import { copyOf } from '../correlate/group-table.ts';
import type { SourceDefinition, SourceMark } from './log-source.ts';

/** Program names come from the network: more than these are looked up anew each time. */
const MAX_REMEMBERED = 10_000;

export class SourceTable {
  readonly #definitions: readonly SourceDefinition[];
  /** decoder -> program -> numbers of the definitions that fit them, in order */
  readonly #candidates = new Map<string, Map<string, number[]>>();
  #remembered = 0;

  constructor(definitions: readonly SourceDefinition[]) {
    this.#definitions = definitions;
  }

  /** The number of the record's definition, or -1. */
  find(record: LogRecord): number {
    const { app = '', decoder = '' } = record;
    const candidates = this.#candidates.get(decoder)?.get(app) ?? this.#remember(record, decoder, app);
    for (const i of candidates) if (fitsText(record, this.#definitions[i].when)) return i;
    return -1;
  }

  #remember(record: LogRecord, decoder: string, app: string): number[] {
    const candidates = this.#definitions.flatMap(({ when }, i) => (fitsProgram(record, when) ? [i] : []));
    if (this.#remembered++ >= MAX_REMEMBERED) {
      this.#candidates.clear();
      this.#remembered = 1;
    }
    const ofDecoder = this.#candidates.get(decoder) ?? new Map<string, number[]>();
    this.#candidates.set(decoder, ofDecoder.set(copyOf(app), candidates));
    return candidates;
  }
}

function fitsProgram({ app = '', decoder = '' }: LogRecord, { apps, decoders }: SourceMark): boolean {
  const name = app.slice(app.lastIndexOf('/') + 1).toLowerCase();
  return (apps.length === 0 || apps.includes(name)) && (decoders.length === 0 || decoders.includes(decoder));
}

function fitsText(record: LogRecord, { starts, contains, mnemonic }: SourceMark): boolean {
  const { message, raw } = record;
  if (starts.length > 0 && !starts.some((start) => message.startsWith(start))) return false;
  for (const part of contains) if (!raw.includes(part)) return false;
  return !mnemonic || (record.msgId !== undefined && raw.includes(`%${record.app}-`));
}
