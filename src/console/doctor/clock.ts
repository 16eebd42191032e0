// Is the clock right? Packets, alerts and certificates are worth nothing with a wrong one.
import { type Check, ok, warning } from './finding.ts';

const MOST_OFFSET_SECONDS = 1;

/**
 * Parses `chronyc -c tracking`; see chronyc(1): field 5 is the offset of the system clock in seconds, the last one the
 * leap status. Undefined for anything else.
 */
export function parseTracking(text: string): { synchronised: boolean; offsetSeconds: number } | undefined {
  const fields = text.trim().split(',');
  if (fields.length < 14 || fields[4] === '' || !Number.isFinite(Number(fields[4]))) return undefined;
  return { synchronised: fields[fields.length - 1] !== 'Not synchronised', offsetSeconds: Number(fields[4]) };
}

export const checkClock: Check = ({ clock }) => {
  const remedy =
    'open UDP 123 to a time server and name it in /etc/chrony/sources.d/*.sources; "chronyc sources" shows them';
  if (clock === undefined) return [warning('clock', 'chrony does not answer', 'systemctl restart chrony')];
  if (!clock.synchronised) return [warning('clock', 'the clock follows no time server', remedy)];
  const offset = Math.abs(clock.offsetSeconds);
  if (offset <= MOST_OFFSET_SECONDS) return [ok('clock', 'the clock is right')];
  return [warning('clock', `the clock is ${offset.toFixed(1)} s off`, remedy)];
};
