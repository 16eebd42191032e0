// What an alert's place in the list is made of, and that the true one is found among much noise.
import { expect, test } from 'vitest';
import { Analysis } from '../../src/analysis/analysis.ts';
import type { EveAlert, EveRecord } from '../../src/eve/record.ts';
import { type AlertFacts, rankAlert } from '../../src/incidents/rank.ts';
import { LEARNED_HITS, Truth } from '../../src/incidents/truth.ts';

const alert = (signature_id: number, severity: number, more: Partial<EveAlert> = {}): EveAlert => ({
  action: 'allowed',
  gid: 1,
  signature_id,
  rev: 1,
  signature: 'ET USER_AGENTS sample',
  category: '',
  severity,
  ...more,
});
const factsOf = (more: Partial<AlertFacts> = {}): AlertFacts => ({ inIncident: false, truth: new Truth(), ...more });
const rank = (one: EveAlert, more: Partial<AlertFacts> = {}) => rankAlert(one, factsOf(more)).rank;
const learned = (inIncident: boolean, hits = LEARNED_HITS) => {
  const truth = new Truth();
  for (let i = 0; i < hits; i++) truth.hit('1:7', `10.0.0.${i}`, inIncident);
  return truth;
};

test('severity, what the rule says of itself, its host, and what was learned of it', () => {
  expect(rank(alert(7, 1))).toBeGreaterThan(rank(alert(7, 2)));
  expect(rank(alert(7, 2))).toBeGreaterThan(rank(alert(7, 3)));
  expect(rank(alert(7, 2, { metadata: { signature_severity: ['Informational'] } }))).toBeLessThan(rank(alert(7, 3)));
  expect(rank(alert(7, 2, { metadata: { confidence: ['High'] } }))).toBeGreaterThan(rank(alert(7, 2)));
  expect(rank(alert(7, 3), { inIncident: true })).toBeGreaterThan(rank(alert(7, 2)));
  expect(rank(alert(7, 2), { truth: learned(true) })).toBeGreaterThan(rank(alert(7, 2), { truth: learned(false) }));
  expect(rank(alert(7, 2), { phase: 'c2' })).toBeGreaterThan(rank(alert(7, 2), { phase: 'scan-in' }));
  expect(rank(alert(7, 2), { phase: 'scan-in' })).toBeGreaterThan(rank(alert(7, 2)));
  expect(rank(alert(7, 3), { badPeer: '192.0.2.7' })).toBeGreaterThanOrEqual(rank(alert(7, 2)));
  expect(rank(alert(7, 2), { refusal: 'HTTP 404' })).toBeLessThan(rank(alert(7, 2)));
});

test('what few hits say moves a rule little, what many say moves it far', () => {
  const shares = [1, 10, 1000].map((hits) => learned(false, hits).of('1:7')!.share);
  expect(shares[0]).toBeGreaterThan(0.35);
  expect(shares[1]).toBeLessThan(0.2);
  expect(shares[2]).toBeLessThan(0.01);
  expect(learned(true, 1).of('1:7')!.share).toBeLessThan(0.65);
  expect(new Truth().of('1:7')).toBeUndefined();
});

test('the reasons add up to the rank, which stays within its bounds', () => {
  const all = { inIncident: true, phase: 'c2', badPeer: '192.0.2.7', truth: learned(true) } as const;
  const worst = rankAlert(alert(7, 1, { metadata: { confidence: ['High'] } }), all);
  expect(worst.rank).toBe(100);
  expect(worst.reasons).toContain('+20 192.0.2.7 is of bad reputation');
  const informational = alert(7, 3, { metadata: { signature_severity: ['Informational'] } });
  const mild = rankAlert(informational, factsOf({ truth: learned(false), refusal: 'HTTP 404' }));
  expect(mild.rank).toBeGreaterThanOrEqual(-100);
  const sum = mild.reasons.reduce((total, reason) => total + Number.parseInt(reason, 10), 0);
  expect(sum).toBe(mild.rank);
});

test('among a thousand noisy alerts of the worst severity the attack stands in the first ten', () => {
  const analysis = new Analysis(['10.0.0.0/8']);
  const ranks: { rank: number; host: string }[] = [];
  const see = (second: number, src_ip: string, one: EveAlert) => {
    const at = new Date(Date.UTC(2026, 10, 24, 12) + second * 1000).toISOString();
    const record: EveRecord = { timestamp: at, event_type: 'alert', src_ip, dest_ip: '198.51.100.9', alert: one };
    analysis.push(record);
    ranks.push({ rank: analysis.rankOf(record)!.rank, host: src_ip });
  };
  for (let i = 0; i < 1000; i++) {
    see(i, `10.0.1.${i % 200}`, alert(100 + (i % 5), 1, { signature: 'ET MALWARE noisy Checkin' }));
    if (i === 500) see(i, '10.0.0.5', alert(900, 2, { signature: 'ET MALWARE x Dropper' }));
    if (i === 510) see(i, '10.0.0.5', alert(901, 2, { signature: 'ET MALWARE x CnC' }));
  }
  const first = ranks.sort((a, b) => b.rank - a.rank).slice(0, 10);
  expect(first.filter(({ host }) => host === '10.0.0.5')).not.toEqual([]);
});
