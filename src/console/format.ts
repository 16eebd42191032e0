// Numbers and texts as a person reads them on an 80-column screen: plain ASCII, nothing that moves a cursor.
import { escapeControl } from '../log.ts';

/** Text from anywhere made safe and of one width a character: controls escaped, other letters shown as "?". */
export const plain = (text: string): string => escapeControl(text).replaceAll(/[^\x20-\x7e]/gu, '?');

/** Cut to `width` columns, with ".." where something is missing. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 2))}..`;

const scaled = (value: number, unit: string): string => {
  const steps = ['', 'k', 'M', 'G', 'T', 'P'];
  let step = 0;
  for (; value >= 999.5 && step < steps.length - 1; step++) value /= 1000;
  return `${value >= 99.5 || step === 0 ? Math.round(value) : value.toFixed(value >= 9.95 ? 0 : 1)} ${steps[step]}${unit}`;
};

/** 1500000 -> "1.5 MB" (powers of 1000, as disks are sold) */
export const formatBytes = (bytes: number): string => scaled(bytes, 'B');
/** bits per second -> "940 Mb/s" */
export const formatBitRate = (bitsPerSecond: number): string => scaled(bitsPerSecond, 'b/s');
/** 1234567 -> "1,234,567" */
export const formatCount = (count: number): string => Math.round(count).toLocaleString('en-US');

/** Length of time in its largest fitting unit: "12 s", "5 min", "3 h", "2 days" */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** Time of day in UTC, "11:20:05". */
export const formatTime = (timeMs: number): string => new Date(timeMs).toISOString().slice(11, 19);
