// Services that are killed, stopped and starved: back soon, nothing lost that was stored, and the status says so.
import { expect, test } from 'vitest';
import { parseLastExit } from '../../src/os/last-exit.ts';
import type { Machine } from '../../tools/boot/machine.ts';
import { figure } from '../../tools/shell.ts';
import { parseJsonLines } from './alert-lines.ts';

interface ServiceRecord {
  type: string;
  name: string;
  restarts: number;
  lastExit?: { how: string };
}

/**
 * Prints seconds from the kill to the new main process and to "active", by systemd's own clock: it is asked seldom, since
 * each question takes processor time from the start that is measured.
 */
const killAndTime = (unit: string): string => `
  pid=$(systemctl show -P MainPID ${unit})
  killed=$(awk '{ printf "%d", $1 * 1000000 }' /proc/uptime)
  kill -9 "$pid"
  for i in $(seq 40); do
    sleep 3
    active=$(systemctl show -P ActiveEnterTimestampMonotonic ${unit})
    [ "$active" -gt "$killed" ] && break
  done
  main=$(systemctl show -P ExecMainStartTimestampMonotonic ${unit})
  awk "BEGIN { print ($main - $killed) / 1000000, ($active - $killed) / 1000000 }"`;

const mainPid = async (machine: Machine, unit: string): Promise<string> =>
  (await machine.run(`systemctl show -P MainPID ${unit}`)).trim();

export function describeKilledServices(machine: () => Machine, services: readonly string[]): void {
  test.each(services)('mss-%s is back within 5 s of kill -9, and the status says that it was', async (service) => {
    const engine = await mainPid(machine(), 'mss-suricata');
    const [mainSeconds, activeSeconds] = (await machine().run(killAndTime(`mss-${service}`), 180_000))
      .trim()
      .split(' ')
      .map(Number);
    figure(`killed-${service}-main`, mainSeconds, 's');
    figure(`killed-${service}-active`, activeSeconds, 's');
    expect(mainSeconds).toBeGreaterThan(0);
    expect(activeSeconds).toBeGreaterThan(0);
    expect(mainSeconds).toBeLessThan(5);
    // an emulated processor is ten times slower than a real one, and sandbox and start are all processor
    const emulated = machine().plan.accelerator !== 'kvm';
    expect(activeSeconds).toBeLessThan(emulated ? 10 : 5);
    if (service !== 'suricata') expect(await mainPid(machine(), 'mss-suricata')).toBe(engine);
    const noted = await machine().run(`cat /run/mss/exits/mss-${service}.exit`);
    expect(parseLastExit(service, noted, Date.now())).toMatchObject({ count: 1, how: 'killed by KILL' });
  });

  test('status and the pages’ API name how often and how each ended', async () => {
    const records = parseJsonLines<ServiceRecord>(await machine().run('mss status --json'));
    const shown = records.filter(({ type, lastExit }) => type === 'service' && lastExit?.how === 'killed by KILL');
    // the board itself is not among what the board shows
    expect(shown.map(({ name }) => name).sort()).toEqual(services.filter((name) => name !== 'console').sort());
    expect(shown.every(({ restarts }) => restarts > 0)).toBe(true);
    expect(await machine().run('mss status')).toMatch(/ids +running +\[restarted 1x, \d\d:\d\d:\d\d killed by KILL\]/);
    const asked = 'curl -sf --unix-socket /run/mss/portal/api.sock http://localhost/api/status';
    const page = JSON.parse(await machine().run(`${asked} || /nsm/current/bin/node -e '${askStatus}'`)) as {
      exits: { service: string; count: number }[];
    };
    expect(page.exits.map(({ service }) => service).sort()).toEqual([...services].sort());
  });

  test.each(['ids', 'capture'])('mss-%s, stopped by SIGSTOP, is restarted by the watchdog', async (service) => {
    const unit = `mss-${service}`;
    const pid = await mainPid(machine(), unit);
    await machine().run(
      `kill -STOP ${pid}; for i in $(seq 150); do [ "$(systemctl show -P MainPID ${unit})" != ${pid} ] && exit 0; sleep 1; done; exit 1`,
      240_000,
    );
    await machine().waitForUnits([unit], 120);
    const noted = await machine().run(`cat /run/mss/exits/${unit}.exit`);
    expect(parseLastExit(service, noted, Date.now())).toMatchObject({ how: 'stopped by the watchdog' });
  });

  test('a start that takes a minute and more is not killed', async () => {
    // as slow as a loaded host makes a first boot: a twentieth of a processor
    const unit = 'mss-updater';
    const slow = `/run/systemd/system/${unit}.service.d`;
    const seconds = await machine().run(
      `mkdir -p ${slow}; printf '[Service]\\nCPUQuota=%s\\n' 3% >${slow}/slow.conf; systemctl daemon-reload; ` +
        `systemctl restart ${unit} || exit 1; rm -r ${slow}; systemctl daemon-reload; ` +
        `echo $(systemctl show -P ActiveEnterTimestampMonotonic ${unit}) $(systemctl show -P ExecMainStartTimestampMonotonic ${unit})`,
      300_000,
    );
    const [active, started] = seconds.trim().split(' ').map(Number);
    figure('slow-start', (active - started) / 1e6, 's');
    expect((active - started) / 1e6).toBeGreaterThan(30);
    const limits = await machine().run(
      `systemctl show -p TimeoutStartUSec -p StartLimitIntervalUSec -p WatchdogUSec ${services.map((name) => `mss-${name}`).join(' ')}`,
    );
    expect(limits.match(/^TimeoutStartUSec=(3min|10min)$/gm)).toHaveLength(services.length);
    // no number of failures makes systemd give up
    expect(limits.match(/^StartLimitIntervalUSec=0$/gm)).toHaveLength(services.length);
  });
}

const askStatus =
  'require("http").get({socketPath:"/run/mss/portal/api.sock",path:"/api/status"},(r)=>r.pipe(process.stdout))';
