// What systemd knows of our units, and the few things asked of it. Talks through systemctl, so no D-Bus library.
import type { Run } from './process.ts';
import { runChecked } from './process.ts';

export interface UnitState {
  /** with its ending: mss-capture.service */
  unit: string;
  loaded: boolean;
  /** active, reloading, inactive, failed, activating, deactivating */
  active: string;
  /** running, exited, dead, auto-restart, ... */
  sub: string;
  restarts: number;
  /** success, exit-code, signal, watchdog, timeout, ... */
  result: string;
  mainPid: number;
}

/** Parses the blocks of `systemctl show -p ...`; see systemctl(1). */
export function parseUnitStates(text: string): UnitState[] {
  return text
    .split(/\n\s*\n/)
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const fields = new Map(block.split('\n').map((line) => splitOnce(line.trim(), '=')));
      return {
        unit: fields.get('Id') ?? '',
        loaded: fields.get('LoadState') === 'loaded',
        active: fields.get('ActiveState') ?? 'unknown',
        sub: fields.get('SubState') ?? 'unknown',
        restarts: Number(fields.get('NRestarts') ?? 0),
        result: fields.get('Result') ?? 'success',
        mainPid: Number(fields.get('MainPID') ?? 0),
      };
    });
}

const splitOnce = (text: string, at: string): [string, string] => {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
};

/** The state of each unit; a unit systemd does not know has `loaded` false. @throws MssError 'io' without systemd */
export async function findUnitStates(run: Run, units: readonly string[]): Promise<UnitState[]> {
  const wanted = 'Id,LoadState,ActiveState,SubState,NRestarts,Result,MainPID';
  return parseUnitStates(await runChecked(run, 'systemctl', ['show', '-p', wanted, ...units], { timeoutMs: 10_000 }));
}
