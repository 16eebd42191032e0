// When capture reports flows of its own: only while the engine does not, so that no flow is ever shown twice. Pure.

/** The engine speaks every 8 seconds; so long may it be silent, as over a restart, before its flows are missed. */
const SILENT_MS = 60_000;

export interface EngineSigns {
  /** `ids.enabled` */
  enabled: boolean;
  /** when it last spoke, by its status file; undefined: never */
  spokeMs: number | undefined;
  nowMs: number;
  /** how long capture has been running */
  waitedMs: number;
}

/** Whether nobody else reports flows. */
export function reportsFlows({ enabled, spokeMs, nowMs, waitedMs }: EngineSigns): boolean {
  if (!enabled) return true;
  if (waitedMs < SILENT_MS) return false; // it may just be starting
  return spokeMs === undefined || nowMs - spokeMs > SILENT_MS;
}
