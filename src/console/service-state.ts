// One word for a service, from what systemd says and what the service itself wrote. The two can disagree; the worse wins.
import type { ServiceFacts } from './sensor-snapshot.ts';

export type ServiceWord =
  | 'running'
  | 'starting'
  | 'degraded'
  | 'stopping'
  | 'stopped'
  | 'failed'
  | 'silent' // runs, but its status file grows old
  | 'absent'; // no such unit

/** Services rewrite their status file every second; ten missed ones are no coincidence, even on a slow machine. */
const SILENT_AFTER_MS = 15_000;

export function serviceWord({ unit, status }: ServiceFacts, nowMs: number): ServiceWord {
  const fresh = status !== undefined && nowMs - status.updatedMs < SILENT_AFTER_MS;
  if (unit === undefined) return fresh ? status.state : 'stopped';
  if (!unit.loaded) return 'absent';
  switch (unit.active) {
    case 'active':
    case 'reloading':
      // an engine run without our frame has no status file
      if (status === undefined) return 'running';
      return fresh ? (status.state === 'stopped' ? 'running' : status.state) : 'silent';
    case 'activating':
      return unit.sub === 'auto-restart' ? 'failed' : 'starting';
    case 'deactivating':
      return 'stopping';
    case 'failed':
      return 'failed';
    default:
      return 'stopped';
  }
}

/** Its own last words, or what systemd has to say. */
export function serviceMessage(facts: ServiceFacts, nowMs: number): string {
  const word = serviceWord(facts, nowMs);
  const { unit, status } = facts;
  if (word === 'silent' && status !== undefined) {
    return `no sign of work for ${Math.round((nowMs - status.updatedMs) / 1000)} s; see journalctl -u ${unit?.unit}`;
  }
  if (word === 'failed') {
    const why = unit === undefined || unit.result === 'success' ? '' : ` (${unit.result})`;
    return `${status?.message ?? 'ended'}${why}; see journalctl -u ${unit?.unit}`;
  }
  if (word === 'absent') return 'not installed';
  // what it said before it was stopped is history
  return word === 'stopped' || status?.state === 'stopped' ? '' : (status?.message ?? '');
}
