// A line of EVE -> its record and time. Anything that is no record is counted by the caller, never thrown about.
import type { EveRecord } from './record.ts';

/** length of `2024-05-06T07:08:09` */
const SECOND_CHARS = 19;

/** Microseconds since 1970 of `2024-05-06T07:08:09.123456+0200`, or undefined where the text is no such time. */
export function parseEveTime(text: string): number | undefined {
  if (text === lastText) return lastUs;
  lastUs = parseTimeText(text);
  lastText = text;
  return lastUs;
}

// each record's time is asked for several times, and most records share their second with the one before
let lastText = '';
let lastUs: number | undefined;
let lastSecond = '';
let lastSecondUs = 0;
const UTC_WITH_MICROSECONDS = /^\.(\d{6})\+0000$/;

function parseTimeText(text: string): number | undefined {
  if (text.startsWith(lastSecond)) {
    const match = UTC_WITH_MICROSECONDS.exec(text.slice(SECOND_CHARS));
    if (match !== null && lastSecond !== '') return lastSecondUs + Number(match[1]);
  }
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))$/.exec(text);
  if (match === null) return undefined;
  const [, second, fraction = '', sign, hours, minutes] = match;
  const seconds = Date.parse(`${second}Z`) / 1000;
  if (Number.isNaN(seconds)) return undefined;
  lastSecond = second;
  lastSecondUs = seconds * 1_000_000;
  const offset = sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
  return (seconds - offset) * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** Parses one line; undefined where it is no JSON object with a time stamp and an event type. */
export function parseEveLine(line: string): EveRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const record = value as Partial<EveRecord>;
  if (typeof record.event_type !== 'string' || typeof record.timestamp !== 'string') return undefined;
  if (parseEveTime(record.timestamp) === undefined) return undefined;
  for (const name of TEXTS) if (record[name] !== undefined && typeof record[name] !== 'string') return undefined;
  for (const name of PORTS) if (record[name] !== undefined && typeof record[name] !== 'number') return undefined;
  if (!isObjectOrAbsent(record.flow) || !(record.alert === undefined || isAlert(record.alert))) return undefined;
  return record as EveRecord;
}

// what everybody reads without looking twice
const TEXTS = ['src_ip', 'dest_ip', 'proto', 'app_proto', 'community_id'] as const;
const PORTS = ['src_port', 'dest_port'] as const;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isObjectOrAbsent = (value: unknown): boolean => value === undefined || isObject(value);

function isAlert(value: unknown): boolean {
  if (!isObject(value) || typeof value.signature !== 'string' || typeof value.category !== 'string') return false;
  if (value.metadata === undefined) return true;
  return isObject(value.metadata) && Object.values(value.metadata).every(isListOfTexts);
}

const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/**
 * When what a record tells of began: a flow's start, else the record's time stamp. Microseconds since 1970.
 * A flow is recorded when it ends or times out, which may be ten minutes after its last packet.
 */
export function eventTimeUs(record: EveRecord): number {
  const start = record.event_type === 'flow' ? record.flow?.start : undefined;
  return (typeof start === 'string' ? parseEveTime(start) : undefined) ?? parseEveTime(record.timestamp) ?? 0;
}
