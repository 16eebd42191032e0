// Configuration -> what the engine is told to keep of files.
import type { SensorConfig } from '../../config/sensor-config.ts';
import type { FileStore } from '../../suricata/plan-engine.ts';

export function planFileStore({ files }: SensorConfig, dir: string): FileStore | undefined {
  if (files.extract === 'off') return undefined;
  return { dir, all: files.extract === 'all', maxBytes: files.maxBytes };
}
