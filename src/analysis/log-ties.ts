// Ties log events to the wire: to the closest conversation, and to the host of ours that they tell of. A conversation
// is often told of only when it ends, so a log event without one waits for it a while. Bounded in all it remembers.
import type { LogRecord } from '../api/log-record.ts';
import { portOf, type TiedLog } from '../detect/log-detector.ts';
import type { EveRecord } from '../eve/record.ts';
import { CLOCK_SLACK_US, Conversations, keysOf, type LoggedEnds, plain } from './conversations.ts';
import { LogHosts, type Told } from './log-hosts.ts';

/** The engine tells of a quiet conversation after ten minutes at the latest. */
export const WAIT_US = 15 * 60 * 1_000_000;
const MAX_WAITING = 20_000;

interface Waiting {
  tied: TiedLog;
  ends: LoggedEnds;
  keys: string[];
}

export class LogTies {
  /** log events tied to a conversation */
  tied = 0;
  /** log events that name an address and whose conversation was not seen */
  untied = 0;
  readonly #conversations = new Conversations();
  readonly #hosts: LogHosts;
  /** in order of arrival */
  readonly #waiting = new Map<LogRecord, Waiting>();
  readonly #waitingByKey = new Map<string, Set<LogRecord>>();

  constructor(isHome: (address: string) => boolean) {
    this.#hosts = new LogHosts(isHome);
  }

  /** Ties a log event as far as that is possible now; see {@link takeRecord} for the rest. */
  takeLog(log: LogRecord, record?: number): TiedLog {
    const tied: TiedLog = { log, record };
    const ends = endsOf(log);
    if (ends !== undefined) {
      tied.conversation = this.#conversations.find(ends, log.timeUs);
      if (tied.conversation !== undefined) this.tied++;
      else this.#wait({ tied, ends, keys: keysOf(ends) });
    }
    tied.host = this.#hosts.find(log, tied.conversation);
    return tied;
  }

  /** The host of ours that a log event tells of, as far as that is known without its conversation. */
  findHost(told: Told): string | undefined {
    return this.#hosts.find(told, undefined);
  }

  /** Takes what the wire showed. @returns log events that waited for it, now tied; `hosts`: those whose host is news */
  takeRecord(record: EveRecord, timeUs: number): { ties: TiedLog[]; hosts: TiedLog[] } {
    this.#expire(timeUs);
    const ties: TiedLog[] = [];
    const hosts: TiedLog[] = [];
    for (const key of this.#conversations.note(record, timeUs)) {
      for (const log of this.#waitingByKey.get(key) ?? []) {
        const waiting = this.#waiting.get(log)!;
        const conversation = this.#conversations.find(waiting.ends, log.timeUs);
        if (conversation === undefined) continue;
        this.#leave(waiting);
        this.tied++;
        const tied = { ...waiting.tied, conversation, host: this.#hosts.find(log, conversation) };
        ties.push(tied);
        if (waiting.tied.host === undefined && tied.host !== undefined) hosts.push(tied);
      }
    }
    return { ties, hosts };
  }

  #wait(waiting: Waiting): void {
    if (waiting.keys.length === 0) {
      this.untied++;
      return;
    }
    this.#waiting.set(waiting.tied.log, waiting);
    for (const key of waiting.keys) {
      const logs = this.#waitingByKey.get(key) ?? new Set();
      this.#waitingByKey.set(key, logs.add(waiting.tied.log));
    }
    if (this.#waiting.size > MAX_WAITING) this.#giveUpOldest();
  }

  /** A flow's time is its start: what came long before that will not be tied any more. */
  #expire(nowUs: number): void {
    for (const log of this.#waiting.keys()) {
      if (log.timeUs > nowUs - WAIT_US - CLOCK_SLACK_US) return;
      this.#giveUpOldest();
    }
  }

  #giveUpOldest(): void {
    this.#leave(this.#waiting.values().next().value!);
    this.untied++;
  }

  #leave({ tied, keys }: Waiting): void {
    this.#waiting.delete(tied.log);
    for (const key of keys) {
      const logs = this.#waitingByKey.get(key);
      logs?.delete(tied.log);
      if (logs?.size === 0) this.#waitingByKey.delete(key);
    }
  }
}

function endsOf(log: LogRecord): LoggedEnds | undefined {
  const { source, sourcePort, destination, destinationPort } = log.fields ?? {};
  if (!source) return undefined;
  return {
    source: plain(source),
    sourcePort: portOf(sourcePort),
    destination: destination ? plain(destination) : undefined,
    destinationPort: portOf(destinationPort),
  };
}
