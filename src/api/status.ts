// What each service writes to /run/mss/status/<name>.json, for console, portal, updater and doctor.

export type ServiceState = 'starting' | 'running' | 'degraded' | 'stopping' | 'stopped';

/** One status file, rewritten whole (write beside, rename) at least every 5 s while the service works. */
export interface ServiceStatus {
  service: string;
  state: ServiceState;
  /** one line for a person: what it is doing, or what is wrong and what to do */
  message: string;
  pid: number;
  startedMs: number;
  updatedMs: number;
  /** names end in their unit (`receivedPackets`, `droppedPackets`, `storedBytes`); monotonic since start */
  counters: Record<string, number>;
  /** anything the service's own pages show; typed beside the service */
  detail: Record<string, unknown>;
  /** the last few warnings, oldest first, at most ten */
  warnings: { timeMs: number; text: string }[];
}
