// Numbers, times and ends of flows as the pages show them. Times are UTC, as everywhere on the sensor.
import type { EveRecord } from '../api/event.ts';

const iso = (timeUs: number): string => new Date(timeUs / 1000).toISOString();

/** "11:20:05", with its day where that is not today */
export function shortTime(timeUs: number, nowMs: number): string {
  const text = iso(timeUs);
  const today = new Date(nowMs).toISOString().slice(0, 10);
  return text.startsWith(today) ? text.slice(11, 19) : `${text.slice(5, 10)} ${text.slice(11, 19)}`;
}

/** "2026-11-24 11:20:05.123 UTC" */
export const longTime = (timeUs: number): string => `${iso(timeUs).replace('T', ' ').replace('Z', '')} UTC`;

/** "12 s", "5 min", "3 h", "2 days" */
export function ageOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

const STEPS = ['', 'k', 'M', 'G', 'T', 'P'];
function scaled(value: number, unit: string): string {
  let step = 0;
  for (; value >= 999.5 && step < STEPS.length - 1; step++) value /= 1000;
  const digits = step === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${STEPS[step]}${unit}`;
}
export const bytes = (count: number): string => scaled(count, 'B');
export const bitRate = (bitsPerSecond: number): string => scaled(bitsPerSecond, 'b/s');
export const count = (number: number): string => Math.round(number).toLocaleString('en-US');

/** "10.0.0.5:443", "[2001:db8::5]:443" */
export function endOf(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return '?';
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
export const sourceOf = (eve: EveRecord): string => endOf(eve.src_ip, eve.src_port);
export const targetOf = (eve: EveRecord): string => endOf(eve.dest_ip, eve.dest_port);

const SEVERITIES = ['high', 'medium', 'low'] as const;
export type SeverityWord = (typeof SEVERITIES)[number] | 'info';
/** Suricata's 1 is the worst. */
export const severityWord = (severity: number | undefined): SeverityWord => SEVERITIES[(severity ?? 4) - 1] ?? 'info';
