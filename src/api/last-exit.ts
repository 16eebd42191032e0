// How a service last ended without being told to: for status, board and pages.

export interface LastExit {
  service: string;
  /** how often since the boot */
  count: number;
  timeMs: number;
  /** words for a person: "killed by KILL", "exit code 1", "stopped by the watchdog" */
  how: string;
}
