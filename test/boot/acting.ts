// What the sensor does about what it sees: mail by its own postfix, blocks (simulated until a person says otherwise), classes.
import { expect, test } from 'vitest';
import type { Machine } from '../../tools/boot/machine.ts';
import { parseJsonLines } from './alert-lines.ts';
import { replayUntilAlerts } from './attack.ts';

/** @param sid a rule that the replayed attack sets off */
export function describeActing(machine: () => Machine, sid: number): void {
  test('a mail goes out through the machine’s own postfix', async () => {
    await machine().run('systemctl start postfix && mss config set mail.to root@localhost');
    const said = parseJsonLines<{ way: string; answer: string }>(await machine().run('mss mail test --json', 120_000));
    expect(said).toMatchObject([{ way: 'mail', answer: expect.stringMatching(/^250 /) }]);
    const inbox = async () => machine().run('cat /var/mail/root 2>/dev/null || true');
    await expect.poll(inbox, { timeout: 60_000, interval: 2000 }).toContain('asked for with "mss mail test"');
    await machine().run("mss config set mail.to ''");
  });

  test('a rule that blocks is simulated, says what it would have cut, and cuts nothing', async () => {
    await machine().run(`mss config set respond.rules ${sid}`);
    await machine().run(`mss classify add watched 'sid ${sid}' --action highlight`);
    await replayUntilAlerts(machine(), [sid]);
    const blocks = async () => parseJsonLines<{ why: string }>(await machine().run('mss block list --json'));
    const why = expect.stringMatching(new RegExp(`^rule 1:${sid} `));
    await expect.poll(blocks, { timeout: 120_000, interval: 5000 }).toMatchObject([{ type: 'block', why }]);
    const status = parseJsonLines<{ name?: string; message?: string }>(await machine().run('mss status --json'));
    expect(status.find(({ name }) => name === 'softips')?.message).toBe('simulates, sends nothing; 1 block');
  });

  test('an alert carries the class that a person gave it', async () => {
    // ids takes a second change in once it has tried the rules of the first
    const classes = async () => {
      await replayUntilAlerts(machine(), [sid]);
      return parseJsonLines<{ eve: { mss?: { class?: string } } }>(
        await machine().run(`mss alerts 'sid ${sid}' --json`, 120_000),
      ).map(({ eve }) => eve.mss?.class);
    };
    await expect.poll(classes, { timeout: 180_000, interval: 5000 }).toContain('watched');
  });
}
