// Ways in over ssh: commands and copies as on any machine, the menu for a person at a terminal.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ITEMS } from '../../src/console/menu/main-menu.ts';
import type { Machine } from '../../tools/boot/machine.ts';
import { SerialLine } from '../../tools/boot/serial-line.ts';
import { scp, sftp, ssh, sshTerminal } from '../../tools/boot/ssh.ts';

export function describeSshAccess(machine: () => Machine): void {
  test('a command runs as on any machine: its output alone, and its exit code', async () => {
    expect(await machine().run('echo $((6 * 7))')).toBe('42\n');
    await expect(machine().run('exit 3')).rejects.toThrow('3');
  });

  test.each(['sftp', 'scp'] as const)('scp copies there and back by the %s protocol', async (protocol) => {
    const folder = mkdtempSync(join(tmpdir(), 'mss-copy-'));
    try {
      const file = join(folder, 'bytes');
      writeFileSync(file, Buffer.from(Array.from({ length: 70_000 }, (_, index) => index * 7)));
      const remote = `root@127.0.0.1:/tmp/copied-by-${protocol}`;
      await scp(machine().sshTarget, file, remote, protocol);
      await scp(machine().sshTarget, remote, `${file}.back`, protocol);
      expect(readFileSync(`${file}.back`)).toEqual(readFileSync(file));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('sftp takes a batch of commands', async () => {
    const said = await sftp(machine().sshTarget, ['mkdir /tmp/by-sftp', 'ls -1 /nsm/etc', 'rmdir /tmp/by-sftp']);
    expect(said).toContain('/nsm/etc/mss.sh');
  });

  test('a terminal lands in the menu, with its eight items; item 3 leads to the shell', async () => {
    const terminal = sshTerminal(machine().sshTarget);
    const line = new SerialLine(terminal);
    const menu = await line.expect(/Enter a number: /, 120_000);
    for (const [index, item] of ITEMS.entries()) expect(menu).toContain(`  ${index + 1}. ${item}`);
    line.type('8\r');
    await line.expect(/Press Enter to go on/, 60_000);
    line.type('\r');
    await line.expect(/Enter a number: /, 120_000);
    line.type('3\r');
    await line.expect(/# $/, 60_000);
    line.type('echo shell-$((6 * 7)); exit\r');
    await line.expect(/shell-42/, 60_000);
    line.close();
  });
}

/** Each sets root's password in its own way. */
const WAYS: readonly [string, (password: string) => string][] = [
  ['chpasswd', (password) => `echo root:${password} | chpasswd`],
  ['passwd', (password) => `printf '%s\\n' ${password} ${password} | passwd root`],
  ['usermod -p', (password) => `usermod -p "$(openssl passwd -6 ${password})" root`],
  ['item 5 of the menu', (password) => `printf '%s\\n' 5 ${password} ${password} '' 3 | mss menu`],
];

export function describeShippedPassword(machine: () => Machine): void {
  const byPassword = (password: string) => ssh({ port: machine().hostPort(22), password }, 'echo in');

  test.each(WAYS)('the shipped password is refused over ssh until it was changed by %s', async (way, change) => {
    await machine().run('usermod -p "$(cat /nsm/etc/.shipped-hash)" root');
    await expect(byPassword('metaflows')).rejects.toThrow(/Permission denied|exit code/);
    const password = `changed-by-${way.length}`;
    await machine().run(change(password));
    expect(await byPassword(password)).toBe('in\n');
    await expect(byPassword('metaflows')).rejects.toThrow(/Permission denied|exit code/);
  });
}
