// /run/mss/exits/mss-<service>.exit, which systemd has note-exit.sh write when a service ended by itself.
import { readFileSync, statSync } from 'node:fs';
import type { LastExit } from '../api/last-exit.ts';
import { type Paths, paths, type ServiceName } from '../paths.ts';

/** `count result code status`; the words are those of systemd.exec(5), $SERVICE_RESULT. */
const LINE = /^(\d+) ([a-z-]+)(?: ([a-z]+) (\S+))?\s*$/;

function describe(result: string, status: string): string {
  switch (result) {
    case 'signal':
      return `killed by ${status}`;
    case 'core-dump':
      return `crashed with ${status}`;
    case 'exit-code':
      return `exit code ${status}`;
    case 'watchdog':
      return 'stopped by the watchdog';
    case 'timeout':
      return 'out of time';
    case 'oom-kill':
      return 'killed for want of memory';
    default:
      return result;
  }
}

/**
 * @param timeMs when the file was written, which is when the service ended
 * @returns undefined for what is no such line: half a line of a full disk, say
 */
export function parseLastExit(service: string, text: string, timeMs: number): LastExit | undefined {
  const match = LINE.exec(text);
  if (match === null) return undefined;
  const [, count, result, , status = '?'] = match;
  return { service, count: Number(count), timeMs, how: describe(result, status) };
}

/** Undefined when the service has not ended by itself since the boot. */
export function findLastExit(service: ServiceName, at: Paths = paths): LastExit | undefined {
  try {
    const file = at.exitFile(service);
    return parseLastExit(service, readFileSync(file, 'utf8'), Math.floor(statSync(file).mtimeMs));
  } catch {
    return undefined;
  }
}
