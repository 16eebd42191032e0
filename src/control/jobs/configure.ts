// configure: makes an unconfigured machine a sensor: configuration, number, and the software enabled and started.
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseSensorConfig } from '../../config/parse.ts';
import { MssError } from '../../errors.ts';
import { findIdentity, writeIdentity } from '../../os/identity-file.ts';
import { runChecked } from '../../os/process.ts';
import { writeDesired } from '../desired-file.ts';
import type { Machine, RunJob } from '../jobs.ts';
import { TARGET } from './units.ts';

export const configureJob =
  (machine: Machine): RunJob<'configure'> =>
  async ({ desired, identity }, progress) => {
    const config = parseSensorConfig(desired);
    const before = findIdentity(machine.at);
    if (before !== undefined && before.sensorNumber !== 0) {
      throw new MssError(
        'control',
        `this is sensor ${before.sensorNumber} already; reset it first (item 4 of the menu)`,
      );
    }
    writeDesired(machine, config);
    progress('configuration stored');
    await runChecked(machine.run, 'systemctl', ['enable', TARGET]);
    // The number comes last: a power cut before it leaves a machine that may be configured again, not a sensor that
    // never starts.
    mkdirSync(dirname(machine.at.uuidFile), { recursive: true });
    writeIdentity({ sensorNumber: identity.sensorNumber, uuid: before?.uuid ?? randomUUID() }, machine.at);
    // Not waited for: at first boot the target waits for us.
    await runChecked(machine.run, 'systemctl', ['start', '--no-block', TARGET]);
    return { text: `this is sensor ${identity.sensorNumber}; its software is starting` };
  };
