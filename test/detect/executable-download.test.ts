import { expect, test } from 'vitest';
import { COMMON_SOURCE_HOSTS, ExecutableDownloadDetector } from '../../src/detect/executable-download.ts';
import type { EveRecord } from '../../src/eve/record.ts';
import { isHome, seen } from './records.ts';

const PE = 'PE32 executable (GUI) Intel 80386, for MS Windows';
const file = (magic: string, filename: string, more: Partial<EveRecord> = {}): EveRecord => ({
  timestamp: '2026-11-24T12:00:00Z',
  event_type: 'fileinfo',
  src_ip: '198.51.100.9',
  src_port: 80,
  dest_ip: '10.0.0.5',
  dest_port: 40_000,
  app_proto: 'http',
  http: { hostname: 'downloads.example', http_user_agent: 'Mozilla/5.0' },
  fileinfo: { magic, filename, size: 1000 },
  ...more,
});
const see = (record: EveRecord) =>
  new ExecutableDownloadDetector(isHome)
    .observe(record, 1)
    .map(({ host, phase, confidence }) => [host, phase, confidence]);

test("a program is told by what it is; under a picture's name it weighs more", () => {
  expect(see(file(PE, '/setup.exe'))).toEqual([['10.0.0.5', 'download', 0.5]]);
  expect(see(file(PE, '/cat.jpg?x=1'))).toEqual([['10.0.0.5', 'download', 0.8]]);
  expect(see(file('ELF 64-bit LSB executable, x86-64', '/x'))).toEqual([['10.0.0.5', 'download', 0.5]]);
  expect(see(file('ASCII text', '/stage.ps1'))).toEqual([['10.0.0.5', 'download', 0.5]]);
});

test('near misses: a picture, a name without the content, an everyday source, an upload to a stranger', () => {
  expect(see(file('JPEG image data', '/cat.jpg'))).toEqual([]);
  expect(see(file('HTML document', '/setup.exe'))).toEqual([]);
  expect(see(file(PE, '/update.exe', { http: { hostname: 'dl.delivery.mp.microsoft.com' } }))).toEqual([]);
  expect(see(file(PE, '/setup.exe', { src_ip: '10.0.0.5', dest_ip: '198.51.100.9' }))).toEqual([]);
});

test("a program put on a neighbour's share tells of both", () => {
  const pushed = file(PE, 'svc.exe', {
    src_ip: '10.0.0.5',
    dest_ip: '10.0.0.6',
    dest_port: 445,
    app_proto: 'smb',
    http: undefined,
  });
  expect(see(pushed)).toEqual([
    ['10.0.0.6', 'download', 0.5],
    ['10.0.0.5', 'spread', 0.5],
  ]);
});

test('a bare address or a script that fetches weighs more, a place where many fetch from less', () => {
  expect(see(file(PE, '/a.exe', { http: { hostname: '198.51.100.9', http_user_agent: 'Mozilla/5.0' } }))[0][2]).toBe(
    0.6,
  );
  expect(see(file(PE, '/a.exe', { http: { hostname: 'a.example', http_user_agent: 'curl/8.0' } }))[0][2]).toBe(0.6);
  const detector = new ExecutableDownloadDetector(isHome);
  const told = Array.from({ length: COMMON_SOURCE_HOSTS }, (_, i) =>
    detector.observe(file(PE, '/setup.exe', { dest_ip: `10.0.1.${i}` }), i),
  );
  expect(told.map(([{ confidence }]) => confidence)).toEqual([0.5, 0.5, 0.5, 0.5, 0.3]);
});

test('it is one of the detectors that look at all records', () => {
  expect(seen('executable-download', [file(PE, '/setup.exe')])).toEqual(['10.0.0.5 download 0.5']);
});
