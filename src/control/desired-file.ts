// desired.json: written by control alone, read by every service (group mss).
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SensorConfig } from '../config/sensor-config.ts';
import { writeFileAtomic } from '../os/atomic-file.ts';
import type { Machine } from './jobs.ts';

/** @throws MssError 'io' */
export function writeDesired(machine: Machine, config: SensorConfig): void {
  const file = machine.at.desiredFile;
  mkdirSync(dirname(file), { recursive: true });
  const text = `${JSON.stringify(config, null, 2)}\n`;
  writeFileAtomic(file, text, { mode: 0o640, groupId: machine.ids?.group('mss') });
}
