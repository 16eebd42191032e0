// Calendar arithmetic on numbers, for the hot path of log parsing: no Date object, no locale, no time zone data.

/** What a time stamp is read against: when it arrived, and the zone of stamps that name none. */
export interface TimeContext {
  arrivedUs: number;
  /** minutes east of UTC */
  offsetMinutes: number;
}

/** A time stamp found in a text: microseconds since 1970, and where it ends. */
export interface TimeMark {
  timeUs: number;
  end: number;
}

const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The number that stands in exactly `count` decimal digits at `at`, or -1. */
export function readDigits(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    // NaN past the end of the text fails this, too
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** True for a character code of '0'..'9'. */
export const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** 1..12 for an English three-letter month at `at`, in any case, or 0. */
export function readMonth(text: string, at: number): number {
  // 'J'..'S' in either case; spares the lookup for most words that are no month
  const first = text.charCodeAt(at) | 32;
  if (first < 97 || first > 115) return 0;
  return MONTHS.indexOf(text.slice(at, at + 3).toLowerCase()) + 1;
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/**
 * Microseconds since 1970 of a civil time in UTC, or undefined when there is no such day or time.
 * A 61st second (leap second) is the first of the next minute, as in POSIX.
 */
export function utcUs(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  micros: number,
): number | undefined {
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return undefined;
  if (!(hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60)) return undefined;
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  const inYear = DAYS_BEFORE[month - 1] + (month > 2 && isLeap(year) ? 1 : 0) + day - 1;
  // 719162 days lie between 0001-01-01 and 1970-01-01
  const days = before * 365 + leapDays + inYear - 719_162;
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1e6 + micros;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The civil year in UTC of a time. */
export function yearOf(timeUs: number): number {
  // 31_556_952 s is the mean Gregorian year; near a new year's night the guess is checked against the calendar
  const guess = 1970 + Math.floor(timeUs / 31_556_952e6);
  if (timeUs < utcUs(guess, 1, 1, 0, 0, 0, 0)!) return guess - 1;
  return timeUs >= utcUs(guess + 1, 1, 1, 0, 0, 0, 0)! ? guess + 1 : guess;
}

/**
 * Reads a fraction of a second (".123", ",123456") at `at`: digits beyond the sixth are passed over.
 * @returns micros 0 and end `at` when there is none
 */
export function readFraction(text: string, at: number): { micros: number; end: number } {
  const mark = text.charCodeAt(at);
  if ((mark !== 46 && mark !== 44) || !isDigit(text.charCodeAt(at + 1))) return { micros: 0, end: at };
  let micros = 0;
  let scale = 100_000;
  let end = at + 1;
  for (; isDigit(text.charCodeAt(end)); end++) {
    micros += (text.charCodeAt(end) - 48) * scale;
    scale = scale > 1 ? scale / 10 : 0;
  }
  return { micros, end };
}
