// One record as rules see it: values by field, each read at most once. The view is used again for the next record.
import type { LogRecord } from '../../../api/log-record.ts';
import type { Fields } from '../../body/fields.ts';
import type { FieldOrigin, Give, SourceDefinition } from './log-source.ts';
import { readNativeFields } from './native-fields.ts';
import { takePart } from './take.ts';

/** A field of a source's rules, with its place in the view. */
export interface FieldSlot {
  index: number;
  read: (view: RecordView) => string | undefined;
}

export class RecordView {
  record!: LogRecord;
  #source!: SourceDefinition;
  #native: Fields | undefined;
  #turn = 0;
  readonly #values: (string | undefined)[] = [];
  readonly #lower: (string | undefined)[] = [];
  readonly #valueTurns: number[] = [];
  readonly #lowerTurns: number[] = [];

  show(record: LogRecord, source: SourceDefinition): void {
    this.record = record;
    this.#source = source;
    this.#native = undefined;
    this.#turn++;
  }

  get native(): Fields {
    this.#native ??= readNativeFields(this.record, this.#source.format, this.#source.templates);
    return this.#native;
  }

  value(slot: FieldSlot): string | undefined {
    const { index } = slot;
    if (this.#valueTurns[index] !== this.#turn) {
      this.#valueTurns[index] = this.#turn;
      this.#values[index] = slot.read(this);
    }
    return this.#values[index];
  }

  /** The value in lower case, as rules compare it. */
  lower(slot: FieldSlot): string | undefined {
    const { index } = slot;
    if (this.#lowerTurns[index] !== this.#turn) {
      this.#lowerTurns[index] = this.#turn;
      this.#lower[index] = this.value(slot)?.toLowerCase();
    }
    return this.#lower[index];
  }
}

/** The slots of one source: a field of one give is one slot, however many rules ask for it. */
export class SlotTable {
  readonly #slots = new Map<string, FieldSlot>();
  readonly #gives = new Map<Give, number>();

  /** The slot of a rule's field; undefined is the whole record as it came. */
  slot(give: Give, field: string | undefined): FieldSlot {
    if (!this.#gives.has(give)) this.#gives.set(give, this.#gives.size);
    const key = field === undefined ? '' : `${this.#gives.get(give)} ${field}`;
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = { index: this.#slots.size, read: field === undefined ? (view) => view.record.raw : planRead(give, field) };
      this.#slots.set(key, slot);
    }
    return slot;
  }

  /** The slot of a field under the message's own name for it. */
  nativeSlot(field: string): FieldSlot {
    const key = `native ${field}`;
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = { index: this.#slots.size, read: (view) => view.native[field] };
      this.#slots.set(key, slot);
    }
    return slot;
  }
}

function planRead({ fields, normalized }: Give, field: string): FieldSlot['read'] {
  const origin: FieldOrigin = fields.get(field) ?? { from: [field] };
  const { from, take, values } = origin;
  const find = normalized
    ? (view: RecordView, name: string) =>
        view.record.fields?.[name] ?? headerValue(view.record, name) ?? view.native[name]
    : (view: RecordView, name: string) =>
        view.native[name] ?? view.record.fields?.[name] ?? headerValue(view.record, name);
  const findFirst = (view: RecordView) => {
    for (const name of from) {
      const value = find(view, name);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  if (take === undefined && values === undefined) return findFirst;
  return (view) => {
    const whole = findFirst(view);
    const value = whole === undefined || take === undefined ? whole : takePart(whole, take);
    return value === undefined ? undefined : (values?.get(value) ?? value);
  };
}

/** What every record has, whatever its message says. */
function headerValue(record: LogRecord, name: string): string | undefined {
  switch (name) {
    case 'host':
      return record.host ?? record.sender;
    case 'sender':
    case 'app':
    case 'procId':
    case 'msgId':
    case 'message':
    case 'decoder':
      return record[name];
    case 'severity':
    case 'facility':
      return record[name]?.toString();
    case 'time':
      return new Date(record.timeUs / 1000).toISOString();
    default:
      return undefined;
  }
}
