// reboot and power-off. Not waited for: the answer has to leave before the machine does.
import { runChecked } from '../../os/process.ts';
import type { Machine, RunJob } from '../jobs.ts';

export const powerJob =
  (machine: Machine, verb: 'reboot' | 'poweroff'): RunJob<'reboot' | 'power-off'> =>
  async () => {
    await runChecked(machine.run, 'systemctl', ['--no-block', verb]);
    return { text: verb === 'reboot' ? 'the machine reboots' : 'the machine shuts down' };
  };
