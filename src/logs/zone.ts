// The time zone behind a time stamp: "Z", "+02:00", "-0700", or one of the names that devices print.

/** Minutes east of UTC. Where two regions share a name (CST, IST, BST), the one that network devices print most. */
const ZONES: ReadonlyMap<string, number> = new Map([
  ['UTC', 0],
  ['GMT', 0],
  ['WET', 0],
  ['WEST', 60],
  ['BST', 60],
  ['CET', 60],
  ['CEST', 120],
  ['EET', 120],
  ['EEST', 180],
  ['MSK', 180],
  ['IST', 330],
  ['SGT', 480],
  ['HKT', 480],
  ['AWST', 480],
  ['JST', 540],
  ['KST', 540],
  ['ACST', 570],
  ['AEST', 600],
  ['AEDT', 660],
  ['NZST', 720],
  ['NZDT', 780],
  ['BRT', -180],
  ['EDT', -240],
  ['AST', -240],
  ['EST', -300],
  ['CDT', -300],
  ['CST', -360],
  ['MDT', -360],
  ['MST', -420],
  ['PDT', -420],
  ['PST', -480],
  ['AKST', -540],
  ['HST', -600],
]);

/**
 * Reads a zone at `at`, after at most one space.
 * @returns its offset (undefined for a name nobody knows, as Cisco prints after "clock timezone") and its end,
 *   or undefined when no zone stands there
 */
export function readZone(text: string, at: number): { offsetMinutes: number | undefined; end: number } | undefined {
  const spaced = text.charCodeAt(at) === 32;
  const start = spaced ? at + 1 : at;
  const first = text.charCodeAt(start);
  if (first === 43 || first === 45) return readOffset(text, start, first === 45 ? -1 : 1);
  if ((first === 90 || first === 122) && !isWord(text.charCodeAt(start + 1))) {
    return spaced ? undefined : { offsetMinutes: 0, end: start + 1 };
  }
  let end = start;
  while (end - start < 6 && isUpper(text.charCodeAt(end))) end++;
  if (end - start < 3 || end - start > 5 || !endsZone(text.charCodeAt(end))) return undefined;
  const offsetMinutes = ZONES.get(text.slice(start, end));
  // an unknown name is a zone only in Cisco's "Mar  1 18:46:11 XYZ: %SYS-5-CONFIG_I"; else it is a host or program
  if (offsetMinutes === undefined && !text.startsWith(': %', end)) return undefined;
  return { offsetMinutes, end };
}

const isUpper = (code: number): boolean => code >= 65 && code <= 90;
const isWord = (code: number): boolean =>
  isUpper(code) || (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 46 || code === 45;
// space, colon, or the end of the text
const endsZone = (code: number): boolean => code === 32 || code === 58 || Number.isNaN(code);

function readOffset(text: string, at: number, sign: number): { offsetMinutes: number; end: number } | undefined {
  const hours = twoDigits(text, at + 1);
  const colon = text.charCodeAt(at + 3) === 58 ? 1 : 0;
  const minutes = twoDigits(text, at + 3 + colon);
  // the widest offsets on earth are -12:00 and +14:00
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return undefined;
  const end = at + 5 + colon;
  if (isWord(text.charCodeAt(end))) return undefined;
  return { offsetMinutes: sign * (hours * 60 + minutes), end };
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
