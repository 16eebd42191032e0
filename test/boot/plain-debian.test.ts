// linux.zip on plain Debian machines with its packages already there: installed, running, inspecting, taken out again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainDebian12, plainDebian13 } from '../../tools/boot/image-disks.ts';
import { Machine } from '../../tools/boot/machine.ts';
import { SAMPLE_HOME_NET } from '../../tools/boot/sample-attack.ts';
import { payloadTar } from '../../tools/image/payload.ts';
import { figure } from '../../tools/shell.ts';
import { fetchBreakIn, replayUntilAlerts } from './attack.ts';

// What no installation may touch without being told to.
const UNTOUCHED = '/etc/nftables.conf /etc/ssh/sshd_config /etc/pam.d/sshd /etc/postfix/main.cf /etc/hostname';
const UNITS = ['mss.target', 'mss-capture', 'mss-suricata', 'mss-ids', 'mss-portal'];
/** One of the sensor's own rules, which the sample sets off: nothing was added to the machine. */
const OWN_RULE = 9000042;

const releases = [
  { name: 'Debian 12', disk: plainDebian12, engine: 'Suricata version 7.' },
  { name: 'Debian 13', disk: plainDebian13, engine: 'Suricata version 8.' },
];

describe.each(releases)('$name', ({ name, disk, engine }) => {
  let machine: Machine;
  let folder: string;
  let before: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mss-plain-'));
    machine = await Machine.start({ ...disk, hardStopMs: 20 * 60_000 });
    await machine.waitForSsh(8 * 60_000);
    await machine.copyIn(payloadTar, '/root/nsm.tar.zst');
    await machine.run('tar --zstd -xf nsm.tar.zst && rm nsm.tar.zst', 300_000);
    before = await fingerprints();
  });

  afterAll(async () => {
    await machine?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const fingerprints = (): Promise<string> =>
    machine.run(
      `sha256sum ${UNTOUCHED}; grep ^root: /etc/shadow; ls /etc/systemd/network /etc/sysctl.d; nft list ruleset`,
    );
  const mssFiles = (): Promise<string> =>
    machine.run(
      "find /etc/systemd/system /usr/lib/systemd/system /usr/lib/sysusers.d /usr/lib/tmpfiles.d /usr/local/bin -name 'mss*'",
    );

  test('says what it would do, and does nothing', async () => {
    expect(await machine.run('suricata -V')).toContain(engine);
    const said = await machine.run('nsm/setup.sh --yes --dry-run');
    expect(said).toContain('would run: systemd-sysusers');
    expect(said).not.toContain('not verified');
    expect(await mssFiles()).toBe('');
  });

  test('installs and runs as a standalone sensor, and touches nothing else', async () => {
    await machine.run(`nsm/setup.sh --yes --listen eth1 --home-net ${SAMPLE_HOME_NET}`, 300_000);
    expect(await fingerprints()).toBe(before);
    await machine.waitForUnits(UNITS, 240);
    expect(await machine.run('systemctl --failed --plain --no-legend')).toBe('');
    const boot = await machine.run('systemctl show -P ActiveEnterTimestampMonotonic multi-user.target');
    figure(`plain-boot-${name.toLowerCase().replace(' ', '-')}`, Number(boot) / 1e6, 's');
  });

  test('inspects what it hears, and finds the packets of an alert again', async () => {
    const { seen, round } = await replayUntilAlerts(machine, [OWN_RULE]);
    expect(seen).toEqual([OWN_RULE]);
    const { sent, found } = await fetchBreakIn(machine, round, folder);
    expect(found).toEqual(sent);
    expect(sent.length).toBeGreaterThan(8);
  });

  test('loads changed rules without a restart of the engine', async () => {
    const findStart = () => machine.run('systemctl show -P ExecMainStartTimestampMonotonic mss-suricata');
    const started = await findStart();
    await machine.run(
      `echo 'alert tcp any any -> any 4444 (msg:"PLAIN"; content:"beacon "; sid:9900009;)' >/nsm/etc/rules/plain.rules` +
        ' && /nsm/etc/mss.sh reload',
      300_000,
    );
    expect((await replayUntilAlerts(machine, [9900009])).seen).toEqual([9900009]);
    expect(await findStart()).toBe(started);
    // one that never says it is ready would be ended and started again
    expect(await machine.run('systemctl show -P NRestarts mss-suricata')).toBe('0\n');
  });

  test('goes again and leaves nothing that runs', async () => {
    await machine.run('nsm/setup.sh --yes --uninstall', 300_000);
    expect(await fingerprints()).toBe(before);
    expect(await mssFiles()).toBe('');
    expect(await machine.run("systemctl list-units --all --plain --no-legend 'mss*'")).toBe('');
    expect(await machine.run('test ! -e /nsm/current && test ! -e /nsm/releases && echo gone')).toBe('gone\n');
  });
});
