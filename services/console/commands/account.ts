// mss account: the local accounts of the web pages. Root writes them; the portal only reads.
import type { Command } from 'commander';
import { openTerminal } from '../../../src/console/menu/terminal.ts';
import { emit, runCommand } from '../../../src/console/output.ts';
import { MssError } from '../../../src/errors.ts';
import { type Account, checkAccountName, readAccounts, writeAccounts } from '../../../src/os/accounts/accounts-file.ts';
import { checkPassword, hashPassword, SHORTEST_PASSWORD } from '../../../src/os/accounts/password-hash.ts';
import { paths } from '../../../src/paths.ts';

interface Options {
  json?: boolean;
  packets?: boolean;
}

export function register(program: Command): void {
  const account = program.command('account').description('local accounts of the web pages');
  const verb = (
    name: string,
    description: string,
    act: (accounts: Account[], name: string, options: Options) => Promise<[Account[], string]> | [Account[], string],
  ) =>
    account
      .command(name)
      .description(description)
      .argument('<name>')
      .option('--json', 'one JSON object a line')
      .action((who: string, options: Options) =>
        runCommand(options.json === true, async () => {
          const [accounts, text] = await act(readAccounts(paths.accountsFile), who, options);
          writeAccounts(paths.accountsFile, accounts);
          emit(options.json === true, { type: 'account', name: who, text }, text);
        }),
      );

  account
    .command('list', { isDefault: true })
    .description('all accounts and what they may do')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: Options) =>
      runCommand(json, () => {
        const accounts = readAccounts(paths.accountsFile);
        for (const { name, packets, createdMs } of accounts) {
          const right = packets ? 'may download packets' : 'may not download packets';
          emit(json, { type: 'account', name, packets, createdMs }, `${name}  ${right}`);
        }
        if (accounts.length === 0) process.stderr.write('no account yet; make one with: mss account add NAME\n');
      }),
    );

  verb('add', 'a new account; its password is asked for, or read as one line', async (accounts, name, { packets }) => {
    checkAccountName(name);
    if (accounts.some((other) => other.name === name))
      throw new MssError('usage', `there is an account ${name} already`);
    const hash = await hashPassword(await askPassword(name));
    const added = { name, hash, packets: packets === true, createdMs: Date.now() };
    return [[...accounts, added], `account ${name} added`];
  }).option('--packets', 'it may download packets');

  verb('password', 'another password; ends the sessions of the account', async (accounts, name) => {
    find(accounts, name);
    const hash = await hashPassword(await askPassword(name));
    return [changed(accounts, name, { hash }), `password of ${name} changed`];
  });

  verb('allow-packets', 'lets the account download packets', (accounts, name) => [
    changed(accounts, name, { packets: true }),
    `${name} may download packets`,
  ]);

  verb('deny-packets', 'takes that right away', (accounts, name) => [
    changed(accounts, name, { packets: false }),
    `${name} may not download packets`,
  ]);

  verb('remove', 'removes the account and ends its sessions', (accounts, name) => {
    find(accounts, name);
    return [accounts.filter((other) => other.name !== name), `account ${name} removed`];
  });
}

function find(accounts: readonly Account[], name: string): Account {
  const found = accounts.find((account) => account.name === name);
  if (found === undefined) throw new MssError('not-found', `there is no account ${name}; "mss account" lists them`);
  return found;
}

function changed(accounts: readonly Account[], name: string, change: Partial<Account>): Account[] {
  const found = find(accounts, name);
  return accounts.map((account) => (account === found ? { ...account, ...change } : account));
}

/** Twice from a person; once from a pipe. */
async function askPassword(name: string): Promise<string> {
  const terminal = openTerminal(process.stdin, process.stderr as NodeJS.WriteStream);
  try {
    const password = await terminal.askSecret(`Password for ${name} (${SHORTEST_PASSWORD} characters or more): `);
    if (password === undefined) throw new MssError('usage', 'no password was given');
    checkPassword(name, password);
    if (process.stdin.isTTY && (await terminal.askSecret('Again: ')) !== password) {
      throw new MssError('usage', 'the two passwords differ');
    }
    return password;
  } finally {
    terminal.close();
  }
}
