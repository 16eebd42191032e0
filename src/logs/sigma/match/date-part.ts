// A part of a date, read from the date as it is written: no time zone is applied.
import { readDigits, utcUs } from '../../calendar.ts';
import type { DatePart } from '../rule/rule.ts';

const DAY_US = 86_400e6;

/** @returns undefined when `text` does not begin with YYYY-MM-DD, or has no time behind it where one is asked for */
export function readDatePart(text: string, part: DatePart): number | undefined {
  const year = readDigits(text, 0, 4);
  const month = readDigits(text, 5, 2);
  const day = readDigits(text, 8, 2);
  const dayUs = utcUs(year, month, day, 0, 0, 0, 0);
  if (dayUs === undefined || text[4] !== text[7]) return undefined;
  switch (part) {
    case 'year':
      return year;
    case 'month':
      return month;
    case 'day':
      return day;
    case 'week':
      return isoWeek(dayUs, year);
    case 'hour':
      return digitsOrNothing(text, 11);
    case 'minute':
      return digitsOrNothing(text, 14);
  }
}

function digitsOrNothing(text: string, at: number): number | undefined {
  const digits = readDigits(text, at, 2);
  return digits === -1 ? undefined : digits;
}

/** ISO 8601: week 1 is the one that holds the year's first Thursday; the last days may be of the next year's week 1. */
function isoWeek(dayUs: number, year: number): number {
  // 1970-01-01 was a Thursday
  const weekday = (((Math.floor(dayUs / DAY_US) + 3) % 7) + 7) % 7;
  const thursdayUs = dayUs + (3 - weekday) * DAY_US;
  const yearOfThursday =
    thursdayUs < utcUs(year, 1, 1, 0, 0, 0, 0)!
      ? year - 1
      : thursdayUs >= utcUs(year + 1, 1, 1, 0, 0, 0, 0)!
        ? year + 1
        : year;
  return Math.floor((thursdayUs - utcUs(yearOfThursday, 1, 1, 0, 0, 0, 0)!) / DAY_US / 7) + 1;
}
