// Which keys two configurations differ in, so that only the services concerned are touched.
import type { SensorConfig } from './sensor-config.ts';

/** Paths of the keys whose values differ ("ids.homeNet"); the version counts as none. */
export function diffConfig(before: SensorConfig, after: SensorConfig): string[] {
  const differing: string[] = [];
  const walk = (a: unknown, b: unknown, path: string): void => {
    if (isGroup(a) && isGroup(b)) {
      for (const key of Object.keys(a)) walk(a[key], b[key], path === '' ? key : `${path}.${key}`);
    } else if (JSON.stringify(a) !== JSON.stringify(b)) {
      differing.push(path);
    }
  };
  walk(before, after, '');
  return differing.filter((path) => path !== 'version');
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
