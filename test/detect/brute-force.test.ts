import { expect, test } from 'vitest';
import { BruteForceDetector, GUESS_WINDOW_US, GUESSES } from '../../src/detect/brute-force.ts';
import type { EveRecord } from '../../src/eve/record.ts';
import { answered, at, flowRecord, isHome, SECOND_US, seen, times } from './records.ts';

const run = (count: number, record: (i: number) => EveRecord, stepUs = SECOND_US) => {
  const detector = new BruteForceDetector(isHome);
  return Array.from({ length: count }, (_, i) => detector.observe(record(i), i * stepUs)).flat();
};
const ssh = (more = {}) =>
  flowRecord('198.51.100.9', '10.0.0.6', 22, { app_proto: 'ssh', flow: { ...answered, ...more } });
const of = (type: string, part: object): EveRecord => ({
  ...flowRecord('10.0.0.5', '10.0.0.6', 88),
  event_type: type,
  flow: undefined,
  [type]: part,
});

test('many short ssh logins at one of ours are guessing, told once', () => {
  const events = run(GUESSES + 20, () => ssh());
  expect(events.map(({ host, phase }) => `${host} ${phase}`)).toEqual(['10.0.0.6 exploit']);
});

test('near misses: one fewer, long sessions, too slowly, another service', () => {
  expect(run(GUESSES - 1, () => ssh())).toEqual([]);
  expect(run(100, () => ssh({ bytes_toclient: 50_000 }))).toEqual([]);
  expect(run(100, () => ssh(), GUESS_WINDOW_US / 10)).toEqual([]);
  expect(run(100, () => ({ ...ssh(), app_proto: 'tls' }))).toEqual([]);
});

test.each<[string, EveRecord, EveRecord]>([
  [
    'Kerberos',
    of('krb5', { error_code: 'KDC_ERR_PREAUTH_FAILED' }),
    of('krb5', { error_code: 'KDC_ERR_PREAUTH_REQUIRED' }),
  ],
  ['SMB', of('smb', { status: 'STATUS_LOGON_FAILURE' }), of('smb', { status: 'STATUS_SUCCESS' })],
  [
    'LDAP',
    of('ldap', { responses: [{ bind_response: { result_code: 'invalid_credentials' } }] }),
    of('ldap', { responses: [{ bind_response: { result_code: 'success' } }] }),
  ],
  ['FTP', of('ftp', { completion_code: ['530'] }), of('ftp', { completion_code: ['230'] })],
  ['HTTP', of('http', { status: 401 }), of('http', { status: 404 })],
])('%s refusals count, other answers do not', (service, refusal, other) => {
  const events = run(GUESSES, () => refusal);
  expect(events.map(({ host, phase }) => `${host} ${phase}`)).toEqual(['10.0.0.6 exploit', '10.0.0.5 spread']);
  expect(events[0].summary).toContain(service);
  expect(run(100, () => other)).toEqual([]);
});

test('401s that the same connection makes good are how browsers log in by NTLM; those that stay are guesses', () => {
  const answer = (flow_id: number, status: number) => ({ ...of('http', { status }), flow_id });
  const ntlm = (i: number) => [answer(i, 401), answer(i, 401), answer(i, 200)];
  const detector = new BruteForceDetector(isHome);
  const handshakes = Array.from({ length: 50 }, (_, i) => ntlm(i)).flat();
  expect(handshakes.flatMap((record, i) => detector.observe(record, i))).toEqual([]);
  const guesses = Array.from({ length: GUESSES }, (_, i) => answer(100 + i, 401));
  expect(guesses.flatMap((record, i) => detector.observe(record, 200 + i))).toHaveLength(2);
});

test('it is one of the detectors that look at all records', () => {
  const logins = times(GUESSES, (i) => ssh({ start: at(i) }));
  expect(seen('brute-force', logins)).toEqual(['10.0.0.6 exploit 0.6']);
});
