// The menu's world on a sensor: control's socket for everything privileged, files for what is only read.
import { readFileSync } from 'node:fs';
import { parseManagement } from '../../api/management.ts';
import { MssError } from '../../errors.ts';
import { checkAccountName, readAccounts, writeAccounts } from '../../os/accounts/accounts-file.ts';
import { checkPassword, hashPassword } from '../../os/accounts/password-hash.ts';
import { loadDesired } from '../../os/config-file.ts';
import { controlOver } from '../../os/control-client.ts';
import { type Paths, paths } from '../../paths.ts';
import { snapshotReader } from '../read-snapshot.ts';
import type { MenuWorld } from './menu-world.ts';

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function thisMachine(at: Paths = paths): MenuWorld {
  const readAll = () => readAccounts(at.accountsFile);
  return {
    ask: controlOver(at.controlSocket('console')),
    readSnapshot: snapshotReader(at),
    readDesired: () => loadDesired(at),
    readManagement: () => {
      const text = readIfThere(at.managementFile);
      return text === undefined ? undefined : parseManagement(JSON.parse(text));
    },
    addAccount: async (name, password) => {
      const hash = await hashPassword(password);
      writeAccounts(at.accountsFile, [...readAll(), { name, hash, packets: true, createdMs: Date.now() }]);
    },
    checkAccount: (name, password) => {
      checkAccountName(name);
      if (readAll().some((account) => account.name === name)) {
        throw new MssError('usage', `there is an account "${name}" already; take another name`);
      }
      if (password !== undefined) checkPassword(name, password);
    },
    hasAccounts: () => readAll().length > 0,
    timeZone: () => new Intl.DateTimeFormat().resolvedOptions().timeZone,
    contact: () => readIfThere(at.contactFile)?.trim(),
  };
}
