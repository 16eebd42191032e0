// What may be asked of control over /run/mss/control/<caller>.sock: one JSON line in, JSON lines out.
// Which socket takes which job is listed in control/allowed.ts.

export type Job =
  | { job: 'start' | 'stop' | 'restart' | 'reload'; unit?: string } // no unit: the whole sensor software
  | { job: 'configure'; desired: unknown; identity: { sensorNumber: number; type: 'standalone' } }
  | { job: 'set-config'; desired: unknown }
  | { job: 'find-storage'; format?: string } // format: a device the person typed in full
  | { job: 'set-network'; management: unknown; confirmSeconds: number } // 0: at once and for good
  | { job: 'confirm-network' }
  | { job: 'set-password'; password: string }
  | { job: 'set-time-zone'; timeZone: string }
  | { job: 'ping' } // does nothing, on any socket: whether control answers
  | { job: 'reset' }
  | { job: 'reboot' }
  | { job: 'power-off' };

export type JobName = Job['job'];

export type JobReply =
  | { type: 'progress'; text: string }
  | { type: 'done'; text: string; result?: unknown }
  | { type: 'error'; code: string; text: string };
