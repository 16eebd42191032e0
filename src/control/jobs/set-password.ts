// set-password: a new password for root, handed to chpasswd(8) on its standard input.
import { MssError } from '../../errors.ts';
import { runChecked } from '../../os/process.ts';
import type { Machine, RunJob } from '../jobs.ts';

const SHIPPED = 'metaflows';
const MIN_LENGTH = 8;

/** @throws MssError 'usage' for a password that protects nothing */
export function checkPassword(password: string): void {
  if (password === SHIPPED) throw new MssError('usage', 'every copy of this appliance has that password; take another');
  // chpasswd(8) takes a name and a password a line
  if (/[\u0000-\u001f\u007f]/.test(password))
    throw new MssError('usage', 'a password is one line, without control characters');
  if (password.length < MIN_LENGTH) throw new MssError('usage', `a password has at least ${MIN_LENGTH} characters`);
}

export const setPasswordJob =
  (machine: Machine): RunJob<'set-password'> =>
  async ({ password }) => {
    checkPassword(password);
    await runChecked(machine.run, 'chpasswd', [], { input: `root:${password}\n` });
    return { text: "root's password is changed; ssh takes it from now on" };
  };
