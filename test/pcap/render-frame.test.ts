// Frames made from nothing, judged by tshark: lengths and every checksum.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { captureOf, tcpSession, udpDatagram } from '../packets/tcp-session.ts';

const hasTshark = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).status === 0;
if (!hasTshark) console.warn('frames are not judged: tshark is not installed');

test.skipIf(!hasTshark)('tshark finds all checksums right and a whole conversation', () => {
  const ends = { src: '10.0.0.5', srcPort: 40_000, dst: '198.51.100.9', dstPort: 80 };
  const frames = [
    ...tcpSession(ends, 1_700_000_000_000_000, [
      { from: 'client', bytes: 'odd' },
      { from: 'server', bytes: 'x'.repeat(3001) },
    ]),
    udpDatagram({ ...ends, dstPort: 9 }, 1_700_000_001_000_000, 'marker'),
  ];
  const dir = mkdtempSync(join(tmpdir(), 'mss-frames-'));
  const file = join(dir, 'frames.pcapng');
  writeFileSync(file, captureOf(frames));
  const args = [
    '-r',
    file,
    '-o',
    'ip.check_checksum:TRUE',
    '-o',
    'tcp.check_checksum:TRUE',
    '-o',
    'udp.check_checksum:TRUE',
    '-T',
    'fields',
  ];
  const fields = [
    'ip.checksum.status',
    'tcp.checksum.status',
    'udp.checksum.status',
    'tcp.analysis.flags',
    '_ws.malformed',
  ];
  const tshark = spawnSync('tshark', [...args, ...fields.flatMap((field) => ['-e', field])], { encoding: 'utf8' });
  rmSync(dir, { recursive: true });
  expect(tshark.status).toBe(0);
  const rows = tshark.stdout.split('\n').filter((row) => row !== '');
  expect(rows).toHaveLength(frames.length);
  for (const row of rows.slice(0, -1)) expect(row.split('\t')).toEqual(['1', '1', '', '', '']);
  expect(rows.at(-1)?.split('\t')).toEqual(['1', '', '1', '', '']);
});
