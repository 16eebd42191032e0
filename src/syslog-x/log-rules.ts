// The rules for logs at work in the service: hits become alerts in its spool stream, so many a minute; all is counted.
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SensorEvent } from '../api/event.ts';
import type { LogRecord } from '../api/log-record.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import { alertOfHit } from '../logs/sigma/alert.ts';
import { LogRuleEngine } from '../logs/sigma/engine.ts';
import type { SigmaRule } from '../logs/sigma/rule/rule.ts';
import { countRefusals, type LogRuleset, planLogRuleset } from '../logs/sigma/ruleset.ts';
import { writeFileAtomic } from '../os/atomic-file.ts';

export interface LogRulesOptions {
  /** the rules to run, read at the start and at each reload */
  load: (logs: SensorConfig['logs']) => LogRuleset;
  append: (event: SensorEvent) => void;
  warn: (text: string) => void;
  /** what correlations remember is kept here over a restart */
  memoryFile: string;
}

/** A rule that fits everything must not fill the disk: what is beyond is counted, and the logs themselves are kept. */
const ALERTS_PER_MINUTE = 100;
const MINUTE_MS = 60_000;
/** Of all correlations together; rendering it takes a tenth of a second. */
const MEMORY_BYTES = 16 << 20;
const SHOWN_BROKEN = 20;

export class LogRules {
  readonly #options: LogRulesOptions;
  #engine = new LogRuleEngine(planLogRuleset({ texts: [], definitions: [] }));
  readonly #alertsThisMinute = new Map<SigmaRule, number>();
  #minuteEndsMs = 0;
  #rememberAtMs = 0;
  #loadedMs = 0;
  /** messages that had matched when it was last kept what is remembered */
  #rememberedAt = 0;
  readonly #counters = { logAlerts: 0, suppressedLogAlerts: 0, logRuleReloads: 0, unkeptLogGroups: 0 };
  /** what engines before the last reload counted */
  readonly #past = { matchedMessages: 0, ungroupedLogEvents: 0, droppedLogGroups: 0 };

  constructor(options: LogRulesOptions) {
    this.#options = options;
  }

  /** Reads the rules and goes on with them; where they cannot be read, with those at work until now. */
  load(logs: SensorConfig['logs']): void {
    const isFirst = this.#loadedMs === 0;
    const before = this.#engine;
    let engine: LogRuleEngine;
    try {
      engine = new LogRuleEngine(this.#options.load(logs), before);
    } catch (error) {
      this.#options.warn(`${messageOf(error)}; ${isFirst ? 'no log is matched' : 'the log rules until now go on'}`);
      return;
    }
    Object.assign(this.#past, this.#sums());
    this.#engine = engine;
    this.#loadedMs = Date.now();
    this.#counters.logRuleReloads += isFirst ? 0 : 1;
    if (isFirst) this.#recall();
    const { broken } = engine.ruleset;
    if (broken.length > 0) {
      const kinds = countRefusals(broken).map(([kind, count]) => `${count} for their ${kind}`);
      this.#options.warn(`${broken.length} log rules set aside: ${kinds.join(', ')}; mss logtest --check names them`);
    }
  }

  match(log: LogRecord): void {
    for (const hit of this.#engine.match(log)) {
      const alerts = this.#alertsThisMinute.get(hit.rule) ?? 0;
      this.#alertsThisMinute.set(hit.rule, alerts + 1);
      if (alerts >= ALERTS_PER_MINUTE) {
        this.#counters.suppressedLogAlerts++;
        continue;
      }
      this.#counters.logAlerts++;
      this.#options.append(alertOfHit(hit, log));
    }
  }

  /** To be called every second or so. */
  turn(nowMs: number): void {
    if (nowMs >= this.#minuteEndsMs) {
      this.#minuteEndsMs = nowMs + MINUTE_MS;
      this.#alertsThisMinute.clear();
    }
    if (nowMs >= this.#rememberAtMs) {
      if (this.#rememberAtMs > 0) this.remember();
      this.#rememberAtMs = nowMs + MINUTE_MS;
    }
  }

  /** Writes what must outlive the service, where there is anything new. */
  remember(): void {
    const { matchedMessages } = this.#sums();
    if (matchedMessages === this.#rememberedAt) return;
    const { memoryFile, warn } = this.#options;
    const { text, forgottenGroups } = this.#engine.remember(MEMORY_BYTES);
    this.#counters.unkeptLogGroups = forgottenGroups;
    try {
      mkdirSync(dirname(memoryFile), { recursive: true });
      writeFileAtomic(memoryFile, text, { mode: 0o640, durable: false });
      this.#rememberedAt = matchedMessages;
    } catch (error) {
      warn(`what log rules remember is not kept: ${messageOf(error)}`);
    }
  }

  #recall(): void {
    const { memoryFile, warn } = this.#options;
    try {
      this.#engine.restore(readFileSync(memoryFile, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      warn(`${memoryFile}: ${messageOf(error)}; set aside, and log rules begin to count anew`);
      setAside(memoryFile);
    }
  }

  #sums() {
    const { counters, ungroupedEvents, droppedGroups } = this.#engine;
    return {
      matchedMessages: this.#past.matchedMessages + counters.matchedRecords,
      ungroupedLogEvents: this.#past.ungroupedLogEvents + ungroupedEvents,
      droppedLogGroups: this.#past.droppedLogGroups + droppedGroups,
    };
  }

  get counters(): Record<string, number> {
    return { ...this.#counters, ...this.#sums() };
  }

  get detail(): Record<string, unknown> {
    const { detections, correlations, broken, off } = this.#engine.ruleset;
    return {
      rules: detections.length,
      correlations: correlations.length,
      off,
      loadedMs: this.#loadedMs,
      groups: this.#engine.groupCount,
      setAside: broken.length,
      reasons: Object.fromEntries(countRefusals(broken)),
      broken: broken.slice(0, SHOWN_BROKEN),
    };
  }
}

/** For a person to look at; the one from before is gone then. */
function setAside(file: string): void {
  try {
    renameSync(file, `${file}.damaged`);
  } catch {
    // the next one is written over it
  }
}
