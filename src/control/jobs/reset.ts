// reset: back to an unconfigured machine. Packets, events and accounts stay until somebody deletes them.
import { rmSync } from 'node:fs';
import { MssError } from '../../errors.ts';
import { findIdentity, writeIdentity } from '../../os/identity-file.ts';
import { runChecked } from '../../os/process.ts';
import type { Machine, RunJob } from '../jobs.ts';
import { TARGET } from './units.ts';

export const resetJob =
  (machine: Machine): RunJob<'reset'> =>
  async (_job, progress) => {
    const identity = findIdentity(machine.at);
    if (identity === undefined) throw new MssError('control', 'there is no identity yet; first start is not over');
    progress('stopping the sensor software');
    await runChecked(machine.run, 'systemctl', ['disable', TARGET]);
    await runChecked(machine.run, 'systemctl', ['stop', TARGET], { timeoutMs: 180_000 });
    rmSync(machine.at.desiredFile, { force: true });
    writeIdentity({ ...identity, sensorNumber: 0 }, machine.at);
    return { text: 'the sensor is unconfigured; item 1 of the menu configures it anew' };
  };
