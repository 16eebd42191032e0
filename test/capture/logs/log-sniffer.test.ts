// From the wire to the log event: the real capture service on a mirror, and the real syslog-x behind it.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogRecord } from '../../../src/api/log-record.ts';
import { LogSniffer } from '../../../src/capture/logs/log-sniffer.ts';
import { START } from '../../../src/spool/bookmark.ts';
import { readBatch } from '../../../src/spool/reader.ts';
import { frame } from '../../pcap/frames.ts';
import { CaptureRig, until } from '../capture-rig.ts';

const rig = CaptureRig.open('log-sniffer');
let receiver: ChildProcess | undefined;
const message = 'sshd[7]: Invalid user guest from 203.0.113.9 port 40022';
const ends = { src: '10.0.0.7', dst: '10.0.0.99', proto: 17, srcPort: 40_000, dstPort: 514 };
const log = (text: string) => Buffer.from(`<38>Nov 24 10:00:00 web1 ${text}`);

beforeAll(async () => {
  if (rig === undefined) return;
  writeFileSync(rig.paths.desiredFile, JSON.stringify({ logs: { sniff: true } }));
  rig.useStorage({ dir: rig.mounts, kind: 'disk', mountPoint: rig.mounts });
  await rig.start();
  await until(() => rig.counters.sniffedLogs === 0);
  const env = { ...process.env, MSS_ROOT: rig.root };
  receiver = spawn(process.execPath, ['tools/bench/syslog/service.ts', '0', '0'], { env, stdio: 'ignore' });
});
afterAll(() => {
  receiver?.kill('SIGKILL');
  rig?.close();
});

function stored(): LogRecord[] {
  const { records } = readBatch(rig!.paths.spoolDir('syslog-x'), 'syslog-x', START);
  return records.flatMap(({ event }) => (event.type === 'log' ? [event.log] : []));
}

test.skipIf(rig === undefined)(
  'a message to another server becomes a log event (skips without root and namespaces)',
  async () => {
    const long = log(`app: ${'x'.repeat(1600)} end`);
    const datagram = Buffer.concat([Buffer.from([0x9c, 0x40, 2, 2, 0, 0, 0, 0]), long]);
    datagram.writeUInt16BE(datagram.length, 4);
    const first = frame({ ...ends, fragment: 0x2000, payload: datagram.subarray(8, 1008) });
    first.set(datagram.subarray(0, 8), 34);
    rig!.send([
      frame({ ...ends, payload: log(message) }),
      frame({ ...ends, dstPort: 53, payload: log('no syslog port') }),
      frame({ ...ends, proto: 6, payload: log('TCP') }),
      frame({ ...ends, fragment: 126, payload: datagram.subarray(1008) }),
      first,
      frame({ ...ends, src: '2001:db8::7', dst: '2001:db8::9', vlans: [7, 9], payload: log('app: by IPv6') }),
    ]);
    await until(() => stored().length === 3);
    expect(stored()).toMatchObject([
      { sender: '10.0.0.7', transport: 'sniffed', host: 'web1', decoder: 'sshd', fields: { user: 'guest' } },
      { sender: '10.0.0.7', transport: 'sniffed', raw: long.toString() },
      { sender: '2001:db8::7', transport: 'sniffed', message: 'by IPv6' },
    ]);
    await rig!.stop();
    expect(rig!.counters).toMatchObject({ sniffedLogs: 3, droppedSniffedLogs: 0, brokenSniffedLogs: 0 });
  },
);

test('an interface that is not there is said once, and asked for again later', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mss-log-sniffer-'));
  const warnings: string[] = [];
  const sniffer = new LogSniffer(dir, (text) => warnings.push(text));
  for (let i = 0; i < 3; i++) sniffer.follow({ interfaces: [{ name: 'absent0', interfaceIndex: 7 }], ports: [514] });
  sniffer.follow(undefined);
  sniffer.close();
  expect(warnings).toEqual(['logs on the mirror are not read: interface absent0 does not exist']);
  rmSync(dir, { recursive: true });
});
