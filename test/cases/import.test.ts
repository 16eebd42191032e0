// Captures made here through the whole path with the real engine: store, alerts, incidents; and files that are no good.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ImportedFile, type ImportRecord, importFiles } from '../../src/ids/import/import-files.ts';
import { planImportRules, readImportRules } from '../../src/ids/import/import-rules.ts';
import { renderSummary } from '../../src/ids/import/render-import.ts';
import { testAlertLocally } from '../../src/ids/import/test-alert.ts';
import { compileDecoders } from '../../src/logs/normalize.ts';
import { openCaptureFile } from '../../src/os/capture-file.ts';
import { loadDecoders } from '../../src/os/decoder-files.ts';
import { PcapngEncoder } from '../../src/pcap/write-pcapng.ts';
import { tupleFilter } from '../../src/query/plan-packets.ts';
import { findPackets } from '../../src/store/find-packets.ts';
import { createFileEngine } from '../../src/suricata/apply-session.ts';
import { engine } from '../packets/engine.ts';
import {
  captureOf,
  httpExchange,
  refusedSyn,
  type TimedFrame,
  tcpSession,
  udpDatagram,
} from '../packets/tcp-session.ts';

const START_US = Date.UTC(2026, 0, 5, 8) * 1000;
const MINUTE_US = 60_000_000;
const VICTIM = '10.0.0.5';
const EICAR = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*';

const ends = (dst: string, dstPort: number, srcPort = 40_000, src = VICTIM) => ({ src, srcPort, dst, dstPort });

const download = (): TimedFrame[] =>
  tcpSession(
    ends('198.51.100.9', 80),
    START_US,
    httpExchange('GET /eicar.com HTTP/1.1\r\nHost: downloads.example\r\n\r\n', EICAR),
  );
const scan = (): TimedFrame[] =>
  Array.from({ length: 30 }, (_, i) =>
    refusedSyn(ends(`203.0.113.${i + 1}`, 445, 41_000 + i), START_US + MINUTE_US + i * 100_000),
  ).flat();

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mss-case-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const save = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(dir, name), bytes);
  return join(dir, name);
};

async function importAll(files: string[], homeNet = ['10.0.0.0/8']) {
  const storeDir = mkdtempSync(join(dir, 'store-'));
  const { rules } = planImportRules(await readImportRules(undefined));
  const records: ImportRecord[] = [];
  await using starter = createFileEngine(engine!);
  for await (const record of importFiles({
    files: files.map(openCaptureFile),
    storeDir,
    engine: starter,
    homeNet,
    rules,
    rulesName: 'own',
    rulesBroken: 0,
    normalize,
  }))
    records.push(record);
  const of = <T extends ImportRecord['type']>(type: T) =>
    records.filter((record): record is Extract<ImportRecord, { type: T }> => record.type === type);
  return {
    storeDir,
    files: of('file') as ImportedFile[],
    alerts: of('alert'),
    incidents: of('incident'),
    summary: of('summary')[0],
  };
}

const normalize = compileDecoders(loadDecoders('services/syslog-x/decoders'));

describe.skipIf(engine === undefined)('mss import', () => {
  test('a download and a scan of one host are an incident, with the packets of each piece of evidence', async () => {
    const result = await importAll([save('day.pcapng', captureOf([...download(), ...scan()]))]);
    expect(result.files).toMatchObject([{ packets: 70, stored: 70, skipped: 0, why: '' }]);
    expect(result.alerts.map(({ eve }) => eve.alert?.signature_id)).toEqual([9_000_050]);
    expect(result.incidents).toHaveLength(1);
    const [incident] = result.incidents;
    expect(incident).toMatchObject({ host: VICTIM, phases: ['download', 'spread'], first: '2026-01-05T08:00:00.008Z' });
    expect(incident.evidence.map(({ detector }) => detector)).toEqual(['alert', 'scan']);
    expect(result.summary).toMatchObject({ files: 1, failed: 0, packets: 70, stored: 70, alerts: 1, incidents: 1 });
    expect(result.summary.engine).toBe(engine!.label);
    const query = { filter: tupleFilter({ src: VICTIM, srcPort: 40_000, dst: '198.51.100.9', dstPort: 80, proto: 6 }) };
    let found = 0;
    for await (const _ of findPackets(result.storeDir, query)) found++;
    expect(found).toBe(download().length);
  });

  test('near miss: the same without the scan, or with the host outside HOME_NET, is no incident', async () => {
    const half = await importAll([save('a.pcapng', captureOf(download()))]);
    expect(half.incidents).toEqual([]);
    expect(renderSummary(half.summary, undefined)).toContain('Signs of attack: 1, but no host shows');
    const both = save('b.pcapng', captureOf([...download(), ...scan()]));
    const elsewhere = await importAll([both], ['172.16.0.0/12']);
    expect(elsewhere.incidents).toEqual([]);
    expect(elsewhere.summary.homeNetShare).toBe(0);
    expect(renderSummary(elsewhere.summary, undefined)).toContain('name yours with --home-net');
  });

  test('the same files in any order, split, and packed, give the same incident', async () => {
    const whole = await importAll([save('whole.pcapng', captureOf([...download(), ...scan()]))]);
    const a = save('a.pcapng.gz', gzipSync(captureOf(download())));
    const b = save('b.pcapng.zst', zstdCompressSync(captureOf(scan())));
    const forward = await importAll([a, b]);
    const backward = await importAll([b, a]);
    expect(forward.incidents).toEqual(whole.incidents);
    expect(backward.incidents).toEqual(forward.incidents);
    expect(backward.files.map(({ stored }) => stored)).toEqual([60, 10]);
  });

  test('no file is skipped in silence: each says what of it was not read, and costs the others nothing', async () => {
    const good = captureOf(download());
    const strange = new PcapngEncoder().encode({
      timeNs: BigInt(START_US) * 1000n,
      linkType: 147,
      capturedLength: 60,
      originalLength: 60,
      data: new Uint8Array(60),
    });
    const result = await importAll([
      save('text.pcap', Buffer.from('this is no capture')),
      join(dir, 'missing.pcap'),
      save('torn.pcapng', good.subarray(0, good.length - 30)),
      save('strange.pcapng', strange),
      save('empty.pcapng', captureOf([])),
      save('good.pcapng', good),
    ]);
    expect(result.files.map(({ packets, stored }) => [packets, stored])).toEqual([
      [0, 0],
      [0, 0],
      [9, 9],
      [1, 1],
      [0, 0],
      [10, 10],
    ]);
    expect(result.files[0].why).toContain('not a capture file');
    expect(result.files[1].why).toContain('ENOENT');
    expect(result.files[2].why).not.toBe('');
    expect(result.files[3].why).toContain('stored, but not inspected: datalink type');
    expect(result.files[4].why).toBe('');
    expect(result.files[5].why).toBe('');
    expect(result.summary.failed).toBe(2);
  });

  test('a file of several link types is inspected whole', async () => {
    const encoder = new PcapngEncoder();
    const blocks: Uint8Array[] = [];
    for (const [i, { timeUs, data }] of download().entries()) {
      const raw = i % 2 === 1;
      const bytes = raw ? data.subarray(14) : data;
      blocks.push(
        encoder.encode({
          timeNs: BigInt(timeUs) * 1000n,
          linkType: raw ? 101 : 1,
          capturedLength: bytes.length,
          originalLength: bytes.length,
          data: bytes,
        }),
      );
    }
    const marker = udpDatagram(ends('198.51.100.9', 9), START_US, 'MSS-TEST-ALERT here');
    const raw = marker.data.subarray(14);
    blocks.push(
      encoder.encode({
        timeNs: BigInt(marker.timeUs) * 1000n,
        linkType: 101,
        capturedLength: raw.length,
        originalLength: raw.length,
        data: raw,
      }),
    );
    const result = await importAll([save('mixed.pcapng', Buffer.concat(blocks))]);
    expect(result.files).toMatchObject([{ packets: 11, stored: 11, why: '' }]);
    expect(result.alerts.map(({ eve }) => eve.alert?.signature_id)).toContain(9_000_001);
  });

  test('interrupted, it ends at once and leaves nothing in the temporary folder', async () => {
    const temporary = join(dir, 'temporary');
    mkdirSync(temporary);
    // one that whoever root becomes may use
    chmodSync(dir, 0o755);
    chmodSync(temporary, 0o1777);
    const file = save('day.pcapng', captureOf([...download(), ...scan()]));
    const child = spawn(process.execPath, ['services/console/mss.ts', 'import', ...Array(2000).fill(file)], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect(readdirSync(temporary)).toHaveLength(2);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  // only root has rights to give up
  test.runIf(process.getuid?.() === 0)('root reads what only root can open, and parses as somebody else', () => {
    const file = save('day.pcapng', captureOf(download()));
    chmodSync(file, 0o600);
    const store = join(dir, 'kept');
    const run = () =>
      spawnSync(process.execPath, ['services/console/mss.ts', 'import', file, '--store', store, '--json'], {
        encoding: 'utf8',
      });
    for (const packets of [10, 20]) {
      const { status, stdout, stderr } = run();
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('"packets":10,"stored":10');
      const segments = readdirSync(store).filter((name) => name.endsWith('.pcapng'));
      expect(segments).toHaveLength(packets / 10);
      for (const name of segments)
        expect(statSync(join(store, name))).toMatchObject({ uid: statSync(store).uid, gid: 0 });
    }
    expect(statSync(store).uid).not.toBe(0);
    rmSync(store, { recursive: true });
    mkdirSync(store);
    writeFileSync(join(store, 'letter.txt'), '');
    const refused = run();
    expect([refused.status, statSync(store).uid]).toEqual([2, 0]);
    expect(refused.stderr).toContain('holds other things than packets (letter.txt)');
  });

  test('ssh guessing in the capture and a success in the log are one incident that holds both', async () => {
    const attacker = '203.0.113.9';
    const guesses = Array.from({ length: 20 }, (_, i) =>
      tcpSession({ src: attacker, srcPort: 40_000 + i, dst: VICTIM, dstPort: 22 }, START_US + i * 2_000_000, [
        { from: 'server', bytes: 'SSH-2.0-OpenSSH_9.2p1\r\n' },
        { from: 'client', bytes: 'SSH-2.0-libssh_0.9\r\n' },
      ]),
    ).flat();
    const said = (second: number, text: string) =>
      `2026-01-05T08:00:${String(second).padStart(2, '0')}Z web1 sshd[9]: ${text}\n`;
    const failures = Array.from({ length: 19 }, (_, i) =>
      said(i * 2, `Failed password for root from ${attacker} port ${40_000 + i} ssh2`),
    );
    const success = said(38, `Accepted password for root from ${attacker} port 40019 ssh2`);
    const log = save('auth.log.gz', gzipSync(failures.join('') + success.trimEnd()));
    const result = await importAll([log, save('wire.pcapng', captureOf(guesses))]);
    expect(result.files).toMatchObject([
      { logs: 20, packets: 0, why: '' },
      { logs: 0, packets: 200, why: '' },
    ]);
    expect(result.summary).toMatchObject({ logs: 20, failed: 0 });
    expect(result.incidents).toMatchObject([{ host: VICTIM, phases: ['exploit', 'prepare'] }]);
    const evidence = result.incidents[0].evidence.map(({ detector, src_ip, community_id }) => ({
      detector,
      src_ip,
      tied: community_id !== undefined,
    }));
    const seen = (detector: string) => ({ detector, src_ip: attacker, tied: true });
    expect(evidence).toEqual([seen('log-brute-force'), seen('brute-force'), seen('log-break-in')]);
  });

  test('the built-in marker is found as alert and packet', async () => {
    expect(await testAlertLocally(engine!)).toMatchObject({ ok: true, alert: true, packet: true });
  });
});
