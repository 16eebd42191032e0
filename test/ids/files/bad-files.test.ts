// A listed digest: the alert it raises, and the step of an infection that it is.
import { expect, test } from 'vitest';
import { badFileAlert, parseBadFiles } from '../../../src/ids/files/bad-files.ts';
import { Intake } from '../../../src/ids/intake.ts';

const BAD = 'ab'.repeat(32);
const NOTHING_KEPT = { eveRecords: 0, tiedRecords: new Set<number>() };
const fileinfo = (src: string, dest: string, sha256 = BAD) => ({
  timestamp: '2026-06-01T12:00:00.000000+0000',
  event_type: 'fileinfo',
  src_ip: src,
  src_port: 80,
  dest_ip: dest,
  dest_port: 50_000,
  proto: 'TCP',
  app_proto: 'http',
  fileinfo: { filename: '/setup.exe', sha256, stored: true },
});

test('a list: digests in either case, remarks behind them, comments and blank lines', () => {
  const text = `# bad ones\n${BAD.toUpperCase()}\n\n${'cd'.repeat(32)},2026-06-01,Emotet\n"${'ef'.repeat(32)}" x\r\n`;
  expect([...parseBadFiles(text)]).toEqual([BAD, 'cd'.repeat(32), 'ef'.repeat(32)]);
  expect(() => parseBadFiles(`${BAD}\nnot one`)).toThrow('line 2 of the list of bad files');
  expect(() => parseBadFiles(`${BAD}00`)).toThrow('line 1');
});

test('only a listed digest raises an alert', () => {
  const isHome = (address: string) => address.startsWith('10.');
  const alert = badFileAlert(fileinfo('9.9.9.9', '10.0.0.5'), new Set([BAD]), isHome);
  expect(alert?.alert?.signature).toBe(`MSS FILE known bad file ${BAD}`);
  expect(badFileAlert(fileinfo('9.9.9.9', '10.0.0.5', 'cd'.repeat(32)), new Set([BAD]), isHome)).toBeUndefined();
  expect(
    badFileAlert({ ...fileinfo('9.9.9.9', '10.0.0.5'), event_type: 'http' }, new Set([BAD]), isHome),
  ).toBeUndefined();
});

test.each([
  ['fetched from outside', '9.9.9.9', '10.0.0.5', '10.0.0.5'],
  ['sent to the outside', '10.0.0.5', '9.9.9.9', '10.0.0.5'],
  ['put on a neighbour', '10.0.0.6', '10.0.0.5', '10.0.0.5'],
])('%s: the record, the alert, and a suspect with the phase known-bad', (_how, src, dest, host) => {
  const intake = new Intake({ homeNet: ['10.0.0.0/8'] }, NOTHING_KEPT);
  intake.badFiles = new Set([BAD]);
  const events = intake.take([JSON.stringify(fileinfo(src, dest))]);
  expect(events.map(({ type }) => type)).toEqual(['protocol', 'alert', 'suspect']);
  const [, , suspect] = events;
  expect(suspect).toMatchObject({ suspect: { host, phases: expect.arrayContaining(['known-bad']) } });
});
