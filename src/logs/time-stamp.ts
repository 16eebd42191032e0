// Time stamps as log senders write them: RFC 3339 and its relatives, RFC 3164's yearless form with the additions of
// real devices, and seconds since 1970. Scanned by hand: this is the hot path, and nothing here looks back.
import {
  isDigit,
  readDigits,
  readFraction,
  readMonth,
  type TimeContext,
  type TimeMark,
  utcUs,
  yearOf,
} from './calendar.ts';
import { readZone } from './zone.ts';

const MINUTE_US = 60e6;
const DAY_US = 86_400e6;

/**
 * Reads whatever time stamp starts at `at`. Forms (fraction and zone are optional everywhere):
 * `2026-11-24T10:00:00.123456+01:00`, `2026-11-24 10:00:00,123`, `2026/11/24 10:00:00`, `Nov 24 10:00:00`,
 * `Nov  4 2026 10:00:00`, `Nov 24 10:00:00 2026`, `2026 Nov 24 10:00:00`, `Tue Nov 24 10:00:00 2026`, `1764000000.123456`.
 * A stamp without a year gets the one that brings it closest to its arrival.
 */
export function readTimeStamp(text: string, at: number, context: TimeContext): TimeMark | undefined {
  if (!isDigit(text.charCodeAt(at))) return readMonthFirst(text, at, context);
  const year = readDigits(text, at, 4);
  if (year === -1) return undefined;
  const separator = text.charCodeAt(at + 4);
  if (separator === 45 || separator === 47) return readIso(text, at, year, separator, context);
  if (separator === 32) return readMonthFirst(text, at + 5, context, year);
  return readEpoch(text, at);
}

function readIso(text: string, at: number, year: number, separator: number, context: TimeContext) {
  const between = text.charCodeAt(at + 10);
  if (text.charCodeAt(at + 7) !== separator || (between !== 84 && between !== 32 && between !== 116)) return undefined;
  const month = readDigits(text, at + 5, 2);
  const day = readDigits(text, at + 8, 2);
  return readClock(text, at + 11, year, month, day, context);
}

/** `hh:mm:ss[.frac][zone]` behind a date that is known. */
function readClock(
  text: string,
  at: number,
  year: number,
  month: number,
  day: number,
  context: TimeContext,
): TimeMark | undefined {
  if (text.charCodeAt(at + 2) !== 58 || text.charCodeAt(at + 5) !== 58) return undefined;
  const fraction = readFraction(text, at + 8);
  const civilUs = utcUs(
    year,
    month,
    day,
    readDigits(text, at, 2),
    readDigits(text, at + 3, 2),
    readDigits(text, at + 6, 2),
    fraction.micros,
  );
  if (civilUs === undefined) return undefined;
  const zone = readZone(text, fraction.end);
  const offset = zone?.offsetMinutes ?? context.offsetMinutes;
  return { timeUs: civilUs - offset * MINUTE_US, end: zone?.end ?? fraction.end };
}

function readMonthFirst(text: string, start: number, context: TimeContext, knownYear = -1): TimeMark | undefined {
  let at = start;
  let month = readMonth(text, at);
  if (month === 0) {
    // "Tue Nov 24 ...": any three letters and a space, as long as a month follows
    if (text.charCodeAt(at + 3) !== 32) return undefined;
    at += 4;
    month = readMonth(text, at);
  }
  if (month === 0 || text.charCodeAt(at + 3) !== 32) return undefined;
  at += 4;
  if (text.charCodeAt(at) === 32) at++;
  const twoDigits = readDigits(text, at, 2);
  const day = twoDigits === -1 ? readDigits(text, at, 1) : twoDigits;
  at += twoDigits === -1 ? 1 : 2;
  if (day === -1 || text.charCodeAt(at) !== 32) return undefined;
  at++;
  let year = knownYear;
  if (text.charCodeAt(at + 4) === 32) {
    const stated = readDigits(text, at, 4);
    if (stated !== -1) {
      year = stated;
      at += 5;
    }
  }
  if (year !== -1) return readClock(text, at, year, month, day, context);

  // the year may still follow the time of day; else the calendar has to say which one is meant
  const guess = nearestYear(month, day, context);
  const mark = readClock(text, at, guess, month, day, context);
  if (mark === undefined || text.charCodeAt(mark.end) !== 32) return mark;
  const stated = readDigits(text, mark.end + 1, 4);
  const after = text.charCodeAt(mark.end + 5);
  if (stated < 1970 || stated > 2199 || !(after === 32 || after === 58 || Number.isNaN(after))) return mark;
  const moved = readClock(text, at, stated, month, day, context);
  return moved && { timeUs: moved.timeUs, end: mark.end + 5 };
}

/** A message may be late by months, but early only by a clock that runs ahead. */
function nearestYear(month: number, day: number, context: TimeContext): number {
  const here = yearOf(context.arrivedUs);
  const noon = utcUs(here, month, day, 12, 0, 0, 0);
  // the 29th of February of the last leap year, read in a later one
  if (noon === undefined) return here - 1;
  const aheadUs = noon - context.arrivedUs;
  if (aheadUs > 2 * DAY_US) return here - 1;
  return aheadUs < -363 * DAY_US ? here + 1 : here;
}

/** Seconds since 1970 in ten digits with a fraction, as Cisco Meraki sends them. */
function readEpoch(text: string, at: number): TimeMark | undefined {
  const seconds = readDigits(text, at, 10);
  if (seconds === -1 || text.charCodeAt(at + 10) !== 46) return undefined;
  const fraction = readFraction(text, at + 10);
  return fraction.end === at + 10 ? undefined : { timeUs: seconds * 1e6 + fraction.micros, end: fraction.end };
}
