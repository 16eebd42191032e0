// Text or JSON -> SensorConfig. A configuration is taken whole or refused whole, with the key path of each fault.
import * as v from 'valibot';
import { MssError } from '../errors.ts';
import { SETTING_KEYS, type SensorConfig, SensorConfigSchema } from './sensor-config.ts';

/**
 * Checks a configuration document; keys that are left out get their defaults.
 * @throws MssError 'config' naming every faulty key path
 */
export function parseSensorConfig(document: unknown): SensorConfig {
  const result = v.safeParse(SensorConfigSchema, document);
  if (result.success) return result.output;
  const faults = result.issues.map((issue) => `${v.getDotPath(issue) ?? '(whole document)'}: ${issue.message}`);
  throw new MssError('config', `configuration refused: ${faults.join('; ')}`);
}

/** The configuration of a sensor that was told nothing. */
export const defaultConfig = (): SensorConfig => parseSensorConfig({});

/**
 * Reads `export KEY=value` lines as they stand in settings.sh and mss.sh; the file is never run.
 * Values may be bare, 'single' or "double" quoted; other lines are the shell's and are passed over.
 */
export function parseExports(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*export\s+([A-Za-z_][A-Za-z0-9_]*)=(?:"([^"]*)"|'([^']*)'|([^\s#;]*))/.exec(line);
    if (match) found.set(match[1], match[2] ?? match[3] ?? match[4] ?? '');
  }
  return found;
}

/**
 * Lays the settings of settings.sh over a configuration; status shows which keys were overridden.
 * @throws MssError 'config' when an overriding value does not fit its key
 */
export function overrideConfig(
  config: SensorConfig,
  exports: ReadonlyMap<string, string>,
): { config: SensorConfig; overridden: string[] } {
  const document = structuredClone(config) as unknown as Record<string, Record<string, unknown>>;
  const overridden: string[] = [];
  for (const [name, value] of exports) {
    const path = SETTING_KEYS[name];
    if (path === undefined) continue;
    const [group, key] = path.split('.');
    const current = document[group][key];
    document[group][key] = Array.isArray(current)
      ? value.split(',').filter((item) => item !== '')
      : typeof current === 'boolean'
        ? value === '1' || value === 'yes' || value === 'true'
        : value;
    overridden.push(path);
  }
  return { config: parseSensorConfig(document), overridden };
}

/** Reads one key by its path ("capture.snaplen"). @throws MssError 'config' for a path that is no key */
export function getKey(config: SensorConfig, path: string): unknown {
  let at: unknown = config;
  for (const part of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) {
      throw new MssError('config', `no such key: ${path}; "mss config" lists them all`);
    }
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

/** A copy with one key changed and checked. Lists are comma separated. @throws MssError 'config' */
export function setKey(config: SensorConfig, path: string, value: string): SensorConfig {
  const current = getKey(config, path);
  if (typeof current === 'object' && !Array.isArray(current)) {
    throw new MssError('config', `${path} is a group of keys; name one of ${Object.keys(current ?? {}).join(', ')}`);
  }
  const typed = Array.isArray(current)
    ? value === ''
      ? []
      : value.split(',').map((item) => item.trim())
    : typeof current === 'number'
      ? Number(value)
      : typeof current === 'boolean'
        ? ({ true: true, yes: true, '1': true, false: false, no: false, '0': false }[value] ?? value)
        : value;
  const document = structuredClone(config) as unknown as Record<string, unknown>;
  const parts = path.split('.');
  let at = document;
  for (const part of parts.slice(0, -1)) at = at[part] as Record<string, unknown>;
  at[parts[parts.length - 1]] = typed;
  return parseSensorConfig(document);
}
