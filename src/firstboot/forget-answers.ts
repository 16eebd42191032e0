// Takes the root password out of VMware's guestinfo once it is set: every user of the machine may read what stands there.
import type { Run } from '../os/process.ts';
import { isVmware, readGuestinfo } from './read-answers.ts';

const PASSWORD = 'mss.root-password';
/** the whole OVF environment, which holds the password among the other answers; written anew at each power-on */
const ENVIRONMENT = 'ovfEnv';

/** @returns what could not be taken out, as problems for a person; an OVF environment CD is the hypervisor's to remove */
export async function forgetPassword(run: Run): Promise<string[]> {
  if (!(await isVmware(run))) return [];
  const problems: string[] = [];
  for (const name of [PASSWORD, ENVIRONMENT]) {
    const text = await readGuestinfo(run, name);
    if (text === undefined || (name === ENVIRONMENT && !text.includes(PASSWORD))) continue;
    const { code } = await run('vmware-rpctool', [`info-set guestinfo.${name} `], { timeoutMs: 10_000 });
    if (code !== 0 || (await readGuestinfo(run, name)) !== undefined) {
      problems.push(`guestinfo.${name} still holds the root password: remove it in the hypervisor`);
    }
  }
  return problems;
}
