// Changes the configuration document, one key or all classes: through control on a sensor, in the file itself in a checkout.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseSensorConfig, setKey } from '../config/parse.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { MssError } from '../errors.ts';
import { writeFileAtomic } from '../os/atomic-file.ts';
import { loadDesired } from '../os/config-file.ts';
import { consoleSocket, controlOver, hasControl } from '../os/control-client.ts';
import { type Paths, paths } from '../paths.ts';
import { planClassify } from '../respond/classification.ts';

/**
 * Stores the document with `key` changed.
 * @returns the text for the person
 * @throws MssError 'config' for a bad key or value, 'control' when control refuses
 */
export async function editConfig(key: string, value: string, at: Paths = paths): Promise<string> {
  return storeConfig(setKey(loadDesired(at), key, value), at);
}

/** Stores the document with other classes of alerts. @throws MssError as {@link editConfig} */
export async function editClasses(
  change: (classes: SensorConfig['classify']) => SensorConfig['classify'],
  at: Paths = paths,
): Promise<string> {
  const desired = loadDesired(at);
  const next = parseSensorConfig({ ...desired, classify: change(desired.classify) });
  planClassify(next.classify.classes, next.sensor.domain);
  return storeConfig(next, at);
}

async function storeConfig(desired: SensorConfig, at: Paths): Promise<string> {
  if (hasControl()) return (await controlOver(consoleSocket())({ job: 'set-config', desired })).text;
  if (at.root === '') {
    throw new MssError(
      'control',
      `${consoleSocket()} is not there: start mss-control.service; in a checkout set MSS_ROOT to a folder of your own`,
    );
  }
  const next: SensorConfig = { ...desired, version: desired.version + 1 };
  mkdirSync(dirname(at.desiredFile), { recursive: true });
  writeFileAtomic(at.desiredFile, `${JSON.stringify(next, null, 2)}\n`);
  return `stored in ${at.desiredFile}`;
}
