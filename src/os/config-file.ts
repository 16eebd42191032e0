// The configuration as it lies on disk: desired.json, then settings.sh and mss.sh over it.
import { readFileSync } from 'node:fs';
import { defaultConfig, overrideConfig, parseExports, parseSensorConfig } from '../config/parse.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { MssError, messageOf } from '../errors.ts';
import { type Paths, paths } from '../paths.ts';

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new MssError('config', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * The configuration document alone, without overrides: what an edit starts from. No desired.json yet means the defaults.
 * @throws MssError 'config' naming the file and the key path
 */
export function loadDesired(at: Paths = paths): SensorConfig {
  const text = readIfThere(at.desiredFile);
  if (text === undefined) return defaultConfig();
  try {
    return parseSensorConfig(JSON.parse(text));
  } catch (cause) {
    throw new MssError('config', `${at.desiredFile}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * The configuration in force: the document, then settings.sh and mss.sh over it.
 * @throws MssError 'config' naming the file and the key path
 */
export function loadConfig(at: Paths = paths): { config: SensorConfig; overridden: string[] } {
  const config = loadDesired(at);
  const exports = new Map([
    ...parseExports(readIfThere(at.mssScript) ?? ''),
    ...parseExports(readIfThere(at.settingsFile) ?? ''),
  ]);
  return overrideConfig(config, exports);
}
