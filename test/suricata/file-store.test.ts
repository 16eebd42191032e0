// Files kept by the real engine: which, under what name, and how much of them.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Engine,
  engineMajor,
  giveToEngine,
  insideEngine,
  NOBODY,
  runEngine,
} from '../../src/os/engine-process.ts';
import { listFiles, prepareFileFolder } from '../../src/store/files/file-folder.ts';
import { noteOf } from '../../src/store/files/file-note.ts';
import { type FileStore, planEngine } from '../../src/suricata/plan-engine.ts';
import { renderSuricataYaml } from '../../src/suricata/render-suricata-yaml.ts';
import { engine, engines } from '../packets/engine.ts';
import { captureOf, httpExchange, type TimedFrame, tcpSession } from '../packets/tcp-session.ts';

const START_US = Date.UTC(2026, 5, 1, 12) * 1000;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const starting = (start: string, length: number) =>
  Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(length, 'x')]);

const PROGRAM = starting('MZ\x90\0', 1_300_000);
const DOCUMENT = starting('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 2000);
const TOOL = Buffer.from('a list of passwords');
const ZIP = starting('PK\x03\x04', 900);
const SCRIPT = Buffer.from('Start-Process calc');
const PICTURE = starting('\x89PNG', 1_200_000);

const download = (port: number, path: string, body: Uint8Array): TimedFrame[] =>
  tcpSession(
    { src: '10.0.0.5', srcPort: port, dst: '9.9.9.9', dstPort: 80 },
    START_US + port * 1e6,
    httpExchange(`GET ${path} HTTP/1.1\r\nHost: files.example\r\nUser-Agent: x\r\n\r\n`, body),
  );

const mail = (port: number): TimedFrame[] =>
  tcpSession({ src: '10.0.0.5', srcPort: port, dst: '9.9.9.9', dstPort: 25 }, START_US + port * 1e6, [
    { from: 'server', bytes: '220 mail.example ESMTP\r\n' },
    { from: 'client', bytes: 'EHLO pc\r\n' },
    { from: 'server', bytes: '250 mail.example\r\n' },
    { from: 'client', bytes: 'MAIL FROM:<a@example.net>\r\n' },
    { from: 'server', bytes: '250 ok\r\n' },
    { from: 'client', bytes: 'RCPT TO:<b@example.net>\r\n' },
    { from: 'server', bytes: '250 ok\r\n' },
    { from: 'client', bytes: 'DATA\r\n' },
    { from: 'server', bytes: '354 go on\r\n' },
    {
      from: 'client',
      bytes:
        'Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/zip\r\n' +
        'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="a.zip"\r\n\r\n' +
        `${ZIP.toString('base64').replaceAll(/.{76}/g, '$&\r\n')}\r\n--b--\r\n.\r\n`,
    },
    { from: 'server', bytes: '250 ok\r\n' },
    { from: 'client', bytes: 'QUIT\r\n' },
  ]);

/** A passive fetch: the control connection says where, the second one carries the file. */
function ftp(port: number): TimedFrame[] {
  const startUs = START_US + port * 1e6;
  const control = tcpSession({ src: '10.0.0.5', srcPort: port, dst: '9.9.9.9', dstPort: 21 }, startUs, [
    { from: 'server', bytes: '220 ftp\r\n' },
    { from: 'client', bytes: 'USER a\r\n' },
    { from: 'server', bytes: '331 password\r\n' },
    { from: 'client', bytes: 'PASS b\r\n' },
    { from: 'server', bytes: '230 in\r\n' },
    { from: 'client', bytes: 'PASV\r\n' },
    { from: 'server', bytes: '227 Entering Passive Mode (9,9,9,9,195,80)\r\n' },
    { from: 'client', bytes: 'RETR tool\r\n' },
    { from: 'server', bytes: '150 here it comes\r\n' },
    { from: 'server', bytes: '226 done\r\n' },
  ]);
  const carried = { src: '10.0.0.5', srcPort: port + 1000, dst: '9.9.9.9', dstPort: 50_000 };
  const beginUs = control.find(({ data }) => data.includes('150 here'))!.timeUs + 100;
  const data = tcpSession(carried, beginUs, [{ from: 'server', bytes: TOOL }]).map((one, i) => ({
    ...one,
    timeUs: beginUs + i * 10,
  }));
  return [...control, ...data];
}

const CAPTURE = captureOf([
  ...download(1001, '/setup.jpg', PROGRAM),
  ...download(1002, '/letter.doc', DOCUMENT),
  ...download(1003, '/run.ps1', SCRIPT),
  ...download(1004, '/logo.png', PICTURE),
  ...mail(1005),
  ...ftp(1006),
]);

let workDir: string;
beforeEach(() => {
  workDir = mkdtempSync(join(tmpdir(), 'mss-'));
  giveToEngine(workDir);
});
afterEach(() => rmSync(workDir, { recursive: true, force: true }));

async function keep(engine: Engine, store: Omit<FileStore, 'dir'> | undefined) {
  const inside = insideEngine(engine, workDir);
  const dir = join(workDir, 'files');
  mkdirSync(dir);
  // as on the box: the engine owns none of it, and writes as one of the folder's group
  if (process.getuid?.() === 0) chownSync(dir, 0, NOBODY.groupId);
  chmodSync(dir, 0o2770);
  prepareFileFolder(dir);
  copyFileSync('services/ids/rules/files.rules', join(workDir, 'mss.rules'));
  chmodSync(join(workDir, 'mss.rules'), 0o644);
  const plan = planEngine({
    engineMajor: engineMajor(engine),
    cores: 2,
    memoryBytes: 4 * 2 ** 30,
    interfaces: [],
    homeNet: ['10.0.0.0/8'],
    midstream: true,
    fileStore: store && { ...store, dir: `${inside}/files` },
    files: {
      rulesFile: `${inside}/mss.rules`,
      configDir: '/etc/suricata',
      logDir: inside,
      eveDir: inside,
      commandSocket: `${inside}/engine.sock`,
    },
  });
  writeFileSync(join(workDir, 'suricata.yaml'), renderSuricataYaml(plan));
  writeFileSync(join(workDir, 'a.pcapng'), CAPTURE);
  const args = ['-c', `${inside}/suricata.yaml`, '-l', inside, '-r', `${inside}/a.pcapng`];
  const { code, output } = await runEngine(engine, args, workDir, 60_000);
  expect([code, output.split('\n').filter((line) => /^(E|Error): /.test(line))]).toEqual([0, []]);
  const records = readFileSync(join(workDir, 'eve.json'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  expect(records.filter(({ event_type }) => event_type === 'alert')).toEqual([]);
  const notes = records.flatMap((eve) => noteOf(eve, 0) ?? []);
  return { kept: listFiles(dir).map((file) => file.sha256), notes };
}

describe.each(engines)('$label', (engine) => {
  test('what is suspicious is kept whole, named by its digest, over HTTP, SMTP and FTP; a picture is not', async () => {
    const { kept, notes } = await keep(engine, { all: false, maxBytes: 10 << 20 });
    expect(kept.sort()).toEqual([PROGRAM, DOCUMENT, SCRIPT, ZIP, TOOL].map(sha256).sort());
    expect(notes.map(({ digest }) => digest).sort()).toEqual(kept);
    const program = notes.find(({ digest }) => digest === sha256(PROGRAM));
    expect(program?.note).toMatchObject({ name: '/setup.jpg', app: 'http', from: '9.9.9.9', to: '10.0.0.5' });
  });
});

test.skipIf(engine === undefined)('all are kept, or none', async () => {
  const { kept } = await keep(engine!, { all: true, maxBytes: 1 << 20 });
  expect(kept).toContain(sha256(SCRIPT));
  expect(kept).not.toContain(sha256(PICTURE)); // cut off
  rmSync(join(workDir, 'files'), { recursive: true });
  expect((await keep(engine!, undefined)).kept).toEqual([]);
});
