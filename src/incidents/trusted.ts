// The allow-list: own scanners, and servers that everybody here uses. Their part in a step makes it no step; an attack
// on one of them still is.
import { type DialogEvent, farEndOf } from './dialog-event.ts';

/**
 * Whether a step is expected: its far end is trusted, or a trusted host scans or looks around.
 * @param isTrusted tells addresses on the list
 */
export function isExpected(event: DialogEvent, isTrusted: (address: string) => boolean): boolean {
  const far = farEndOf(event);
  if (far !== undefined && isTrusted(far)) return true;
  return (event.phase === 'spread' || event.phase === 'prepare') && isTrusted(event.host);
}
