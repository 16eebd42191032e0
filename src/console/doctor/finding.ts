// What doctor finds, and what it looks at. Types only: each check is a pure function from facts to findings.
import type { SensorSnapshot } from '../sensor-snapshot.ts';
import type { SensorDetails } from '../status-details.ts';

export interface Finding {
  /** stable name of the check, for scripts */
  id: string;
  verdict: 'ok' | 'warning' | 'failed';
  /** one line: what is */
  text: string;
  /** one line: what to do; none where all is well */
  remedy?: string;
}

export interface DoctorFacts {
  snapshot: SensorSnapshot;
  details: SensorDetails;
  configured: boolean;
  /** undefined where no chrony answers */
  clock?: { synchronised: boolean; offsetSeconds: number };
  /** names this sensor needs by its configuration, and why one could not be resolved; undefined: it could */
  names: { name: string; problem?: string }[];
  /** root's hash is the one every copy ships with; undefined where that cannot be read */
  shippedPassword?: boolean;
}

export type Check = (facts: DoctorFacts) => Finding[];

export const ok = (id: string, text: string): Finding => ({ id, verdict: 'ok', text });
export const warning = (id: string, text: string, remedy: string): Finding => ({
  id,
  verdict: 'warning',
  text,
  remedy,
});
export const failed = (id: string, text: string, remedy: string): Finding => ({ id, verdict: 'failed', text, remedy });
