import { expect, test } from 'vitest';
import { AlertDetector } from '../../src/detect/alert.ts';
import type { EveRecord } from '../../src/eve/record.ts';
import { isHome, seen } from './records.ts';

const OURS = '10.0.0.5';
const THEIRS = '198.51.100.9';

function alertRecord(
  signature: string,
  more: {
    category?: string;
    severity?: number;
    metadata?: object;
    client?: string;
    server?: string;
    from?: string;
  } = {},
): EveRecord {
  const { client = OURS, server = THEIRS } = more;
  const from = more.from ?? client;
  return {
    timestamp: '2026-11-24T12:00:00Z',
    event_type: 'alert',
    src_ip: from,
    dest_ip: from === client ? server : client,
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: 7,
      rev: 2,
      signature,
      category: more.category ?? '',
      severity: more.severity ?? 1,
      metadata: more.metadata as Record<string, string[]>,
    },
    flow: { src_ip: client, dest_ip: server } as unknown as EveRecord['flow'],
  };
}
const see = (record: EveRecord) =>
  new AlertDetector(isHome).observe(record, 1).map(({ host, phase }) => `${host} ${phase}`);

test.each([
  ['own metadata comes first', 'ET SCAN x', { metadata: { mss_phase: ['c2'] } }, [`${OURS} c2`]],
  ['then the tactic', 'any', { metadata: { mitre_tactic_id: ['TA0011'] } }, [`${OURS} c2`]],
  [
    'but asking for its own address is no scan',
    'ET POLICY External IP Lookup',
    { category: 'Device Retrieving External IP Address Detected', metadata: { mitre_tactic_id: ['TA0043'] } },
    [`${OURS} prepare`],
  ],
  ['then the family', 'ET MALWARE Win32/X Checkin', {}, [`${OURS} c2`]],
  ['a download within a family', 'ET MALWARE X Dropper', {}, [`${OURS} download`]],
  ['then the category', 'GPL x', { category: 'Malware Command and Control Activity Detected' }, [`${OURS} c2`]],
  [
    'a reputation list',
    'ET DROP Spamhaus DROP Listed Traffic Inbound',
    { client: THEIRS, server: OURS },
    [`${OURS} scan-in`],
  ],
])('%s', (_what, signature, more, seen) => expect(see(alertRecord(signature, more))).toEqual(seen));

test('an attack from outside is done to its target; one from inside is also what the attacker does', () => {
  expect(see(alertRecord('ET EXPLOIT x', { client: THEIRS, server: OURS }))).toEqual([`${OURS} exploit`]);
  expect(see(alertRecord('ET EXPLOIT x'))).toEqual([`${OURS} spread`]);
  expect(see(alertRecord('ET EXPLOIT x', { server: '10.0.0.6' }))).toEqual(['10.0.0.6 exploit', `${OURS} spread`]);
});

test('the rule may fire on the answer: who opened the conversation counts', () => {
  const answer = alertRecord('ET EXPLOIT x', { client: THEIRS, server: OURS, from: OURS });
  expect(see(answer)).toEqual([`${OURS} exploit`]);
});

test('an exploit kit attacks the client that came along', () => {
  expect(see(alertRecord('ET EXPLOIT_KIT RIG EK Landing'))).toEqual([`${OURS} exploit`]);
});

test('near misses: informational rules, rules of no phase, strangers among themselves', () => {
  expect(see(alertRecord('ET MALWARE x', { metadata: { signature_severity: ['Informational'] } }))).toEqual([]);
  expect(see(alertRecord('ET USER_AGENTS curl', { category: 'Not Suspicious Traffic' }))).toEqual([]);
  expect(see(alertRecord('ET MALWARE x', { client: THEIRS, server: '203.0.113.1' }))).toEqual([]);
});

test('an address of bad repute counts for who goes there; who is only visited by it is scanned', () => {
  const listed = 'ET DROP Spamhaus DROP Listed Traffic Inbound group 1';
  expect(see(alertRecord(listed))).toEqual([`${OURS} known-bad`]);
  expect(see(alertRecord(listed, { client: THEIRS, server: OURS }))).toEqual([`${OURS} scan-in`]);
});

test('a breach of policy is no attack, however sure its rule is; all detectors look at alerts', () => {
  const sure = { category: 'Attempted Administrator Privilege Gain', metadata: { confidence: ['High'] } };
  const inside = { ...sure, server: '10.0.0.9' };
  expect(seen('alert', [alertRecord('ET POLICY odd call', inside)])).toEqual([
    '10.0.0.9 exploit 0.5',
    '10.0.0.5 spread 0.5',
  ]);
  expect(seen('alert', [alertRecord('ET EXPLOIT x', inside)])[0]).toBe('10.0.0.9 exploit 0.9');
});

test('what leaves a machine that is taken over tells of its sender, whoever opened the conversation', () => {
  const prompt = 'ET ATTACK_RESPONSE Windows command prompt';
  const bound = alertRecord(prompt, { client: THEIRS, server: OURS, from: OURS });
  const reverse = alertRecord(prompt, { client: OURS, server: THEIRS, from: OURS });
  expect([see(bound), see(reverse)]).toEqual([[`${OURS} exploit`], [`${OURS} exploit`]]);
  const certificate = 'ET ATTACK_RESPONSE Some Framework TLS Certificate Observed';
  expect(see(alertRecord(certificate, { from: THEIRS }))).toEqual([`${OURS} c2`]);
  const inside = alertRecord('MSS SHELL prompt', {
    server: '10.0.0.9',
    from: '10.0.0.9',
    metadata: { mss_phase: ['c2'] },
  });
  expect(see(inside)).toEqual(['10.0.0.9 c2', `${OURS} spread`]);
});
