import { expect, test } from 'vitest';
import { BREAK_IN_WINDOW_US, LogBreakInDetector } from '../../src/detect/log-break-in.ts';
import { LOG_GUESS_WINDOW_US, LOG_GUESSES, LogBruteForceDetector } from '../../src/detect/log-brute-force.ts';
import { LogDeniedScanDetector } from '../../src/detect/log-denied-scan.ts';
import { VERTICAL_PORTS } from '../../src/detect/scan.ts';
import type { DialogEvent } from '../../src/incidents/dialog-event.ts';
import { loginLog, logRecord, NOON_US } from './log-records.ts';
import { isHome, SECOND_US } from './records.ts';

const ATTACKER = '203.0.113.9';
const HOST = '10.0.0.5';

function guess(detector: LogBruteForceDetector, times: number, source: string, everyUs = SECOND_US): DialogEvent[] {
  return Array.from({ length: times }, (_, i) =>
    detector.observe({ log: loginLog('failure', source, {}, NOON_US + i * everyUs), host: HOST }),
  ).flat();
}

test('many refused logins in a log are one exploit event, from outside', () => {
  const detector = new LogBruteForceDetector(isHome);
  expect(guess(detector, LOG_GUESSES - 1, ATTACKER)).toEqual([]);
  expect(guess(detector, LOG_GUESSES, ATTACKER)).toMatchObject([
    { phase: 'exploit', host: HOST, src_ip: ATTACKER, dest_ip: HOST, detector: 'log-brute-force' },
  ]);
});

test('and the guessing host spreads, where it is ours', () => {
  const events = guess(new LogBruteForceDetector(isHome), LOG_GUESSES, '10.0.0.66');
  expect(events.map(({ phase, host }) => [phase, host])).toEqual([
    ['exploit', HOST],
    ['spread', '10.0.0.66'],
  ]);
});

test('slow guesses, and those at the console, are none', () => {
  const slow = (LOG_GUESS_WINDOW_US / LOG_GUESSES) * 1.5;
  expect(guess(new LogBruteForceDetector(isHome), 50, ATTACKER, slow)).toEqual([]);
  expect(guess(new LogBruteForceDetector(isHome), 50, HOST)).toEqual([]);
});

const attack: DialogEvent = {
  timeUs: NOON_US - 60 * SECOND_US,
  phase: 'exploit',
  detector: 'brute-force',
  summary: '15 failed ssh logins',
  host: HOST,
  confidence: 0.6,
  src_ip: ATTACKER,
  dest_ip: HOST,
};
const login = { log: loginLog('success', ATTACKER), host: HOST };

test.each(['attack first', 'login first'])('a login after an attack of its source is a break-in: %s', (order) => {
  const detector = new LogBreakInDetector(isHome);
  const attackFirst = order === 'attack first';
  const before = attackFirst ? detector.learn(attack) : detector.observe(login);
  const after = attackFirst ? detector.observe(login) : detector.learn(attack);
  expect(before).toEqual([]);
  expect(after).toMatchObject([
    { phase: 'prepare', host: HOST, timeUs: NOON_US, src_ip: ATTACKER, detector: 'log-break-in' },
  ]);
  expect(after[0].summary).toBe('login of root by password on 10.0.0.5 succeeded after: 15 failed ssh logins');
});

test.each([
  ['another source', { log: loginLog('success', '198.51.100.1'), host: HOST }],
  ['another host', { ...login, host: '10.0.0.6' }],
  ['a failure', { log: loginLog('failure', ATTACKER), host: HOST }],
  ['before the attack', { log: loginLog('success', ATTACKER, {}, attack.timeUs - 1), host: HOST }],
  ['long after', { log: loginLog('success', ATTACKER, {}, attack.timeUs + BREAK_IN_WINDOW_US + 1), host: HOST }],
])('%s is no break-in', (_, tied) => {
  const detector = new LogBreakInDetector(isHome);
  expect([...detector.learn(attack), ...detector.observe(tied)]).toEqual([]);
});

test('addresses without end cost no memory', () => {
  const detector = new LogBreakInDetector(isHome, 10);
  for (let i = 0; i < 100; i++) detector.observe({ log: loginLog('success', `203.0.113.${i}`), host: HOST });
  expect(detector.evictedKeys).toBe(90);
});

test('a source that a firewall denies at many ports scans', () => {
  const detector = new LogDeniedScanDetector(isHome);
  const deny = (port: number, outcome = 'deny') =>
    detector.observe({
      log: logRecord({
        action: 'connect',
        outcome,
        source: ATTACKER,
        destination: HOST,
        destinationPort: String(port),
        protocol: 'tcp',
      }),
    });
  for (let port = 0; port < 100; port++) expect(deny(port, 'allow')).toEqual([]);
  for (let port = 1; port < VERTICAL_PORTS; port++) expect(deny(port)).toEqual([]);
  expect(deny(1)).toEqual([]);
  expect(deny(VERTICAL_PORTS)).toMatchObject([
    { phase: 'scan-in', host: HOST, src_ip: ATTACKER, dest_port: VERTICAL_PORTS, proto: 'TCP' },
  ]);
});
