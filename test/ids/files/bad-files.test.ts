// A listed digest: the alert it raises, and the step of an infection that it is.
import { expect, test } from 'vitest';
import { badFileAlert } from '../../../src/ids/files/bad-files.ts';
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

test('only a listed digest raises an alert', () => {
  const isHome = (address: string) => address.startsWith('10.');
  const alert = badFileAlert(fileinfo('9.9.9.9', '10.0.0.5'), new Set([BAD]), isHome);
  expect(alert?.alert?.signature).toBe(`MSS FILE known bad file ${BAD}`);
  expect(badFileAlert(fileinfo('9.9.9.9', '10.0.0.5', 'cd'.repeat(32)), new Set([BAD]), isHome)).toBeUndefined();
  expect(
    badFileAlert({ ...fileinfo('9.9.9.9', '10.0.0.5'), event_type: 'http' }, new Set([BAD]), isHome),
  ).toBeUndefined();
});

test.each(['md5', 'sha1'])('a listed %s is as good as a SHA-256', (kind) => {
  const record = fileinfo('9.9.9.9', '10.0.0.5');
  const eve = { ...record, fileinfo: { ...record.fileinfo, [kind]: 'cd'.repeat(16) } };
  expect(badFileAlert(eve, new Set(['cd'.repeat(16)]), () => true)?.alert?.signature).toContain('cdcd');
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
