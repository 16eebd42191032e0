// What was stored and told before services were killed, and while they were: all of it is there, each thing once.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Machine } from '../../tools/boot/machine.ts';
import { makeSampleAttack, makeSampleFrames, samplePort } from '../../tools/boot/sample-attack.ts';
import { run } from '../../tools/shell.ts';
import { parseJsonLines } from './alert-lines.ts';

const FIRST_ROUND = 200;
const KILLED = ['ids', 'portal', 'ids', 'portal', 'ids', 'portal'];
const SID = 9_900_002;

interface Alert {
  type: string;
  eve: { dest_port: number; alert: { signature_id: number } };
}

export function describeWholeStore(machine: () => Machine, folder: () => string): void {
  const rounds = KILLED.map((_, index) => FIRST_ROUND + index);
  const ports = rounds.map((round) => samplePort(round) + 1);

  test('alerts that come while ids and portal are killed are there, each once', async () => {
    for (const [index, service] of KILLED.entries()) {
      await machine().mirror.replay(makeSampleAttack(rounds[index]), 200);
      await machine().run(`kill -9 $(systemctl show -P MainPID mss-${service})`);
    }
    await machine().waitForUnits(['mss-ids', 'mss-portal'], 120);
    const seen = async () => {
      const alerts = parseJsonLines<Alert>(await machine().run('mss alerts --json --limit 1000', 300_000));
      return alerts
        .filter(({ type, eve }) => type === 'alert' && eve.alert.signature_id === SID && ports.includes(eve.dest_port))
        .map(({ eve }) => eve.dest_port)
        .sort((a, b) => a - b);
    };
    await expect.poll(seen, { timeout: 240_000, interval: 5000 }).toEqual(ports);
  });

  test('every segment of the packet log is whole, and holds what was replayed', async () => {
    await machine().run('systemctl restart mss-capture'); // completes the open segment
    await machine().run('cd /nsm/packets/MetaFlows/*/ && tar cf /tmp/segments.tar *.pcapng', 300_000);
    const into = mkdtempSync(join(folder(), 'segments-'));
    await machine().copyOut('/tmp/segments.tar', join(into, 'segments.tar'));
    await run('tar', ['xf', 'segments.tar'], { cwd: into });
    const segments = readdirSync(into).filter((name) => name.endsWith('.pcapng'));
    expect(segments.length).toBeGreaterThan(0);
    const wanted = ports.map((port) => `tcp.port == ${port}`).join(' || ');
    // tshark fails for a file that is cut short or not in order
    const packets = segments.flatMap((name) =>
      execFileSync('tshark', ['-r', join(into, name), '-Y', wanted, '-T', 'fields', '-e', 'frame.number'], {
        encoding: 'utf8',
      })
        .split('\n')
        .filter(Boolean),
    );
    const frames = rounds.flatMap((round) =>
      makeSampleFrames(round).filter((frame) =>
        [frame.readUInt16BE(34), frame.readUInt16BE(36)].includes(samplePort(round) + 1),
      ),
    );
    expect(packets.length).toBe(frames.length);
  });
}
