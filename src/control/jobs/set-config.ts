// set-config: takes a whole new configuration document, or none of it, and reloads the services it concerns.
import { diffConfig } from '../../config/diff.ts';
import { parseSensorConfig } from '../../config/parse.ts';
import type { SensorConfig } from '../../config/sensor-config.ts';
import { MssError, messageOf } from '../../errors.ts';
import { loadDesired } from '../../os/config-file.ts';
import { writeDesired } from '../desired-file.ts';
import type { Machine, RunJob } from '../jobs.ts';
import { reloadRunning } from './units.ts';

/** Which services read which group of keys. */
const READERS: Readonly<Record<Exclude<keyof SensorConfig, 'version'>, readonly string[]>> = {
  sensor: ['ids', 'portal', 'syslog-x', 'updater'],
  capture: ['capture', 'ids', 'softips'],
  packetLog: ['capture'],
  ids: ['ids', 'updater', 'portal'],
  classify: ['ids', 'syslog-x'],
  respond: ['ids', 'softips'],
  logs: ['syslog-x', 'capture'],
  archive: ['portal'],
  pages: ['portal'],
  mail: ['ids'],
  siem: ['ids'],
  release: ['updater', 'portal'],
  files: ['ids'],
  enrich: ['portal'],
};

/** The services that have to read again when these key paths changed. */
export const planReload = (changed: readonly string[]): string[] => [
  ...new Set(changed.flatMap((path) => READERS[path.split('.')[0] as keyof typeof READERS] ?? [])),
];

export const setConfigJob =
  (machine: Machine): RunJob<'set-config'> =>
  async ({ desired }, progress) => {
    const next = parseSensorConfig(desired);
    const current = loadDesired(machine.at);
    // Two editors at once: the second has not seen what the first changed.
    if (next.version < current.version) {
      throw new MssError(
        'config',
        `version ${next.version} is older than ${current.version}: read it again, then change it`,
      );
    }
    const changed = diffConfig(current, next);
    if (changed.length === 0) return { text: 'nothing changed' };
    writeDesired(machine, { ...next, version: current.version + 1 });
    const units = planReload(changed);
    try {
      const reloaded = await reloadRunning(machine, units, 'go on');
      return { text: `${changed.join(', ')} stored${reloaded.length > 0 ? `; told ${reloaded.join(', ')}` : ''}` };
    } catch (error) {
      progress(messageOf(error));
      return { text: `${changed.join(', ')} stored, but not every service took it; see "mss status"` };
    }
  };
