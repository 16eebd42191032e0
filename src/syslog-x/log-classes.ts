// A person's classes at work on logs: what is deleted is not kept, what is ignored is matched with no rule, and what is
// picked out for more becomes an alert of its own. The hits of rules are alerts, and have classes as others do.
import type { SensorEvent } from '../api/event.ts';
import type { LogRecord } from '../api/log-record.ts';
import { alertOnLog, sidOf } from '../logs/sigma/alert.ts';
import { type Class, type Classify, classed } from '../respond/classification.ts';

/** The generator id of alerts that a class makes; those of log rules have the one before. */
const CLASS_GID = 515;
/** A class that fits everything must not fill the disk: what is beyond is counted, and the logs themselves are kept. */
const ALERTS_PER_MINUTE = 100;
const MINUTE_MS = 60_000;

export class LogClasses {
  readonly counters = { deletedMessages: 0, deletedLogAlerts: 0, suppressedClassAlerts: 0 };
  #classify: Classify = () => undefined;
  #passedOver: LogRecord | undefined;
  #minute = 0;
  readonly #alertsThisMinute = new Map<string, number>();

  set(classify: Classify): void {
    this.#classify = classify;
  }

  /** What is to be kept of a log event or a rule's hit. */
  apply(event: SensorEvent, nowMs = Date.now()): SensorEvent[] {
    const found = this.#classify(event);
    if (found === undefined) return [event];
    if (event.type === 'alert') {
      if (found.action !== 'delete') return [{ ...event, eve: { ...event.eve, mss: classed(undefined, found) } }];
      this.counters.deletedLogAlerts++;
      return [];
    }
    if (event.type !== 'log') return [event];
    if (found.action === 'delete' || found.action === 'ignore') {
      this.#passedOver = event.log;
      if (found.action === 'ignore') return [event];
      this.counters.deletedMessages++;
      return [];
    }
    return this.#hasRoom(found.name, nowMs) ? [event, alertOfClass(event.log, found)] : [event];
  }

  /** Whether rules are to be matched with a log event that was just applied. */
  isMatched(log: LogRecord): boolean {
    return log !== this.#passedOver;
  }

  #hasRoom(name: string, nowMs: number): boolean {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute !== this.#minute) this.#alertsThisMinute.clear();
    this.#minute = minute;
    const alerts = (this.#alertsThisMinute.get(name) ?? 0) + 1;
    this.#alertsThisMinute.set(name, alerts);
    if (alerts > ALERTS_PER_MINUTE) this.counters.suppressedClassAlerts++;
    return alerts <= ALERTS_PER_MINUTE;
  }
}

function alertOfClass(log: LogRecord, found: Class): SensorEvent {
  const { name } = found;
  const event = alertOnLog(log, {
    action: 'allowed',
    gid: CLASS_GID,
    signature_id: sidOf(name),
    rev: 1,
    signature: name,
    category: 'Class of logs',
    severity: 3,
  });
  return { ...event, eve: { ...event.eve, mss: classed(undefined, found) } };
}
