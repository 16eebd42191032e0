// The frame every service runs in: readiness, watchdog, status file, reload and a clean stop.
// Protocol: sd_notify(3). The watchdog is fed by progress of the work, never by a timer alone.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import notify from 'sd-notify';
import type { ServiceState, ServiceStatus } from '../api/status.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { paths, type ServiceName } from '../paths.ts';
import { writeFileAtomic } from './atomic-file.ts';

const STATUS_EVERY_MS = 1000;
const STOP_WITHIN_MS = 15_000;
const WARNINGS_KEPT = 10;

export interface Service {
  readonly name: ServiceName;
  /** aborted at SIGTERM or SIGINT: finish what is in hand and return from the body */
  readonly signal: AbortSignal;
  /** monotonic counters of the status file */
  readonly counters: Record<string, number>;
  /** free detail of the status file */
  readonly detail: Record<string, unknown>;
  /** tells systemd that the service works, and sets the state */
  ready(message: string): void;
  /** sets state and message without touching readiness */
  say(state: ServiceState, message: string): void;
  /** keeps and logs a warning */
  warn(text: string): void;
  /** registers a loop; the returned function is called at each of its turns. The watchdog is fed once all loops turned. */
  loop(name: string): () => void;
  /** registers what SIGHUP does; a failure is a warning, and the last good configuration stays */
  onReload(reload: () => void | Promise<void>): void;
  /** asks systemd for more time to start or stop (EXTEND_TIMEOUT_USEC) */
  extendTimeout(ms: number): void;
}

const send = (state: string): void => {
  if (process.env.NOTIFY_SOCKET !== undefined) notify.sendState(state);
};

/**
 * Runs `body` as the service `name` until it returns or a signal asks it to stop; then ends the process:
 * 0 after a clean stop, 1 when the body threw. Starts nothing while a release's build compiles the program ahead.
 */
export function runService(name: ServiceName, body: (service: Service) => Promise<void>): void {
  if (process.env.MSS_COMPILE_AHEAD === '1') return;
  const stop = new AbortController();
  const startedMs = Date.now();
  const turned = new Map<string, boolean>();
  const reloads: (() => void | Promise<void>)[] = [];
  const warnings: ServiceStatus['warnings'] = [];
  const watchdogMs = Number(process.env.WATCHDOG_USEC ?? 0) / 1000;
  let fedMs = 0;
  let state: ServiceState = 'starting';
  let message = 'starting';
  let statusFailed = false;

  const writeStatus = () => {
    const status: ServiceStatus = {
      service: name,
      state,
      message,
      pid: process.pid,
      startedMs,
      updatedMs: Date.now(),
      counters: service.counters,
      detail: service.detail,
      warnings,
    };
    try {
      mkdirSync(dirname(paths.statusFile(name)), { recursive: true });
      writeFileAtomic(paths.statusFile(name), JSON.stringify(status), { mode: 0o644, durable: false });
      statusFailed = false;
    } catch (error) {
      if (!statusFailed) log('warning', messageOf(error));
      statusFailed = true;
    }
  };

  const service: Service = {
    name,
    signal: stop.signal,
    counters: {},
    detail: {},
    ready(text) {
      service.say('running', text);
      send('READY=1');
    },
    say(next, text) {
      state = next;
      message = text;
      send(`STATUS=${text.replaceAll('\n', ' ')}`);
      writeStatus();
    },
    warn(text) {
      log('warning', text);
      warnings.push({ timeMs: Date.now(), text });
      if (warnings.length > WARNINGS_KEPT) warnings.shift();
    },
    loop(loopName) {
      turned.set(loopName, false);
      return () => {
        turned.set(loopName, true);
        if (watchdogMs === 0) return;
        const now = Date.now();
        if (now - fedMs < watchdogMs / 4) return;
        for (const done of turned.values()) if (!done) return;
        fedMs = now;
        for (const key of turned.keys()) turned.set(key, false);
        send('WATCHDOG=1');
      };
    },
    onReload(reload) {
      reloads.push(reload);
    },
    extendTimeout(ms) {
      send(`EXTEND_TIMEOUT_USEC=${Math.round(ms * 1000)}`);
    },
  };

  const reload = async () => {
    send(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
    for (const step of reloads) {
      try {
        await step();
      } catch (error) {
        service.warn(`reload refused, the last good configuration stays: ${messageOf(error)}`);
      }
    }
    send('READY=1');
    writeStatus();
  };

  const askToStop = () => {
    if (stop.signal.aborted) return;
    send('STOPPING=1');
    service.say('stopping', 'stopping');
    stop.abort();
    setTimeout(() => {
      log('error', `${name}: did not stop within ${STOP_WITHIN_MS / 1000} s`);
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
  };

  process.on('SIGTERM', askToStop);
  process.on('SIGINT', askToStop);
  process.on('SIGHUP', () => void reload());
  const timer = setInterval(writeStatus, STATUS_EVERY_MS);
  writeStatus();

  body(service).then(
    () => {
      clearInterval(timer);
      service.say('stopped', 'stopped');
      process.exit(0);
    },
    (error) => {
      clearInterval(timer);
      log('error', `${name}: ${messageOf(error)}`);
      if (process.env.MSS_DEBUG === '1') console.error(error);
      service.say('stopped', messageOf(error));
      process.exit(1);
    },
  );
}
