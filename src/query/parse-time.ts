// A moment as people write it: ISO 8601, seconds since 1970, or counted back from now.
import { MssError } from '../errors.ts';

const UNIT_US: Readonly<Record<string, number>> = { s: 1e6, m: 60e6, h: 3600e6, d: 86400e6 };

/**
 * Parses a moment to microseconds since 1970.
 * @param text `2026-11-24T11:20:47.5Z` (without a zone: local time), `1764000000.25`, `-90s`, `-15m`, `-2h`, `-7d`, `now`.
 * @param nowUs what `now` is.
 * @throws MssError `query`.
 */
export function parseTime(text: string, nowUs: number): number {
  const back = /^-(\d{1,9})([smhd])$/.exec(text);
  if (back !== null) return nowUs - Number(back[1]) * UNIT_US[back[2]];
  if (text === 'now') return nowUs;
  const seconds = /^(\d{1,11})(?:\.(\d{1,9}))?$/.exec(text);
  if (seconds !== null) return Number(seconds[1]) * 1e6 + Number((seconds[2] ?? '').padEnd(6, '0').slice(0, 6));
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d))?(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (iso !== null) {
    const [, day, minute = '00:00', second = '00', fraction = '', zone = ''] = iso;
    const ms = Date.parse(`${day}T${minute}:${second}${zone}`);
    if (!Number.isNaN(ms)) return ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
  }
  throw new MssError(
    'query',
    `"${text}" is not a time; write 2026-11-24T11:20:47Z, seconds since 1970, -15m, -2h, -7d or now`,
  );
}
