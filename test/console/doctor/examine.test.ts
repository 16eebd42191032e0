// Each thing that can be wrong is found by its own check, with a remedy; a healthy sensor has none.
import { expect, test } from 'vitest';
import { defaultConfig, setKey } from '../../../src/config/parse.ts';
import { parseTracking } from '../../../src/console/doctor/clock.ts';
import { examine, renderFinding } from '../../../src/console/doctor/examine.ts';
import type { DoctorFacts } from '../../../src/console/doctor/finding.ts';
import { namesNeeded } from '../../../src/console/doctor/read-facts.ts';
import type { SensorSnapshot } from '../../../src/console/sensor-snapshot.ts';
import { readDetails, type SensorDetails } from '../../../src/console/status-details.ts';
import { sampleLedger } from '../sample-ledger.ts';
import { NOW, sampleSnapshot } from '../sample-snapshot.ts';

function facts(
  more: Partial<DoctorFacts> = {},
  snapshot: Partial<SensorSnapshot> = {},
  details: Partial<SensorDetails> = {},
): DoctorFacts {
  const whole = sampleSnapshot({ ledger: sampleLedger(NOW), ...snapshot });
  return {
    snapshot: whole,
    details: { ...readDetails(whole), homeNetShare: 0.8, invalidChecksumShare: 0, ...details },
    configured: true,
    clock: { synchronised: true, offsetSeconds: 0.0001 },
    names: [{ name: 'rules.example' }],
    shippedPassword: false,
    ...more,
  };
}
const bad = (given: DoctorFacts) => examine(given).filter(({ verdict }) => verdict !== 'ok');
const listening = (more: object) => ({
  listening: [
    {
      name: 'eth1',
      receivedPackets: 5000,
      droppedPackets: 0,
      foreignUnicastPackets: 4000,
      bothDirections: true,
      ...more,
    },
  ],
});
const sample = sampleSnapshot();
const withEth1 = (more: object) => ({
  interfaces: sample.interfaces.map((one) => (one.name === 'eth1' ? { ...one, ...more } : one)),
});
const [control, ...others] = sample.services;
const gap = { path: 'stored' as const, fromMs: NOW - 600_000, toMs: NOW - 180_000, why: '' };
const lossy = (...more: Parameters<typeof sampleLedger> extends [number, ...infer Rest] ? Rest : never) =>
  facts({}, { ledger: sampleLedger(NOW, ...more) });
const listen = (names: string) => ({ config: setKey(defaultConfig(), 'capture.interfaces', names) });

test('a healthy sensor: every check says ok', () => {
  const findings = examine(facts());
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  expect(new Set(findings.map(({ id }) => id))).toEqual(
    new Set([
      'service',
      'link',
      'mirror',
      'direction',
      'home-net',
      'checksum',
      'loss',
      'storage',
      'disk',
      'rules',
      'clock',
      'dns',
      'password',
    ]),
  );
});

test.each<[string, string, RegExp, DoctorFacts]>([
  ['not configured', 'configured', /not configured/, facts({ configured: false })],
  [
    'a service down',
    'service',
    /control is failed/,
    facts({}, { services: [{ ...control, unit: { ...control.unit!, active: 'failed' } }, ...others] }),
  ],
  ['no link', 'link', /eth1 has no link$/, facts({}, withEth1({ carrier: false }))],
  ['switched off', 'link', /switched off/, facts({}, withEth1({ up: false, carrier: false }))],
  ['an interface that is not there', 'link', /eth7 is configured and not there/, facts({}, listen('eth1,eth7'))],
  ['no second card', 'link', /no interface listens/, facts({}, { interfaces: sample.interfaces.slice(0, 1) })],
  ['nothing arrives', 'mirror', /nothing arrives on eth1/, facts({}, {}, listening({ receivedPackets: 0 }))],
  ['promiscuous mode off', 'mirror', /none between other/, facts({}, {}, listening({ foreignUnicastPackets: 0 }))],
  ['one direction', 'direction', /one direction only/, facts({}, {}, listening({ bothDirections: false }))],
  ['a wrong HOME_NET', 'home-net', /matches next to nothing/, facts({}, {}, { homeNetShare: 0 })],
  ['offloading', 'checksum', /40 % of the packets/, facts({}, {}, { invalidChecksumShare: 0.4 })],
  ['a ring too small', 'loss', /^50 packets .* were not stored/, lossy({ lostInRing: 50 })],
  ['an engine too slow', 'loss', /^400 packets \(4.0 %\) were not inspected/, lossy({}, { lostInRing: 400 })],
  ['a mirror that drops', 'loss', /^90 packets .* before they came here/, lossy({}, { unseenSegments: 90 })],
  ['a capture that stood still', 'loss', /^for 7 minutes .* what was stored/, lossy({}, {}, [gap])],
  ['no storage', 'storage', /no place for packets/, facts({}, { storage: undefined })],
  ['a share gone', 'storage', /is gone/, facts({}, { storage: { ...sample.storage!, mounted: false } })],
  ['little room', 'storage', /3.0 GB/, facts({}, { storage: { ...sample.storage!, totalBytes: 3e9 } })],
  ['a full system disk', 'disk', /has 100 MB left/, facts({}, { systemDisk: { totalBytes: 10e9, freeBytes: 1e8 } })],
  ['no rules', 'rules', /not one rule/, facts({}, {}, { rules: { count: 0 } })],
  ['old rules', 'rules', /30 days old/, facts({}, {}, { rules: { count: 9, updatedMs: NOW - 30 * 86_400_000 } })],
  ['no time server', 'clock', /no time server/, facts({ clock: { synchronised: false, offsetSeconds: 0 } })],
  ['a clock off', 'clock', /75.2 s off/, facts({ clock: { synchronised: true, offsetSeconds: -75.2 } })],
  ['no chrony', 'clock', /does not answer/, facts({ clock: undefined })],
  ['no name server', 'dns', /EAI_AGAIN/, facts({ names: [{ name: 'rules.example', problem: 'EAI_AGAIN' }] })],
  ['the shipped password', 'password', /shipped password/, facts({ shippedPassword: true })],
])('%s', (_what, id, text, given) => {
  expect(bad(given)).toEqual([
    {
      id,
      verdict: expect.stringMatching(/failed|warning/),
      text: expect.stringMatching(text),
      remedy: expect.any(String),
    },
  ]);
});

test('a few lost packets, or a sensor that never counted, are nothing to say', () => {
  expect(bad(lossy({ lostInCard: 9 }, { lostInRing: 3, unseenSegments: 8 }))).toEqual([]);
  expect(examine(facts({}, { ledger: undefined })).filter(({ id }) => id === 'loss')).toEqual([]);
});

test('the worst comes first, its remedy below it', () => {
  const findings = examine(facts({ shippedPassword: true, clock: undefined }, { storage: undefined }));
  const verdicts = findings.map(({ verdict }) => verdict);
  expect(verdicts.slice(0, 3)).toEqual(['failed', 'warning', 'warning']);
  expect(renderFinding(findings[0])).toMatch(/^failed +no place for packets.*\n +-> /);
});

test('chrony’s one line is read; anything else is not known', () => {
  const line =
    'C0000201,192.0.2.1,3,1763983205.123,-0.000012345,0.00001,0.00002,-1.5,0.001,0.02,0.01,0.001,64.2,Normal';
  expect(parseTracking(`${line}\n`)).toEqual({ synchronised: true, offsetSeconds: -0.000012345 });
  expect(parseTracking(line.replace('Normal', 'Not synchronised'))?.synchronised).toBe(false);
  expect(parseTracking('506 Cannot talk to daemon')).toBeUndefined();
});

test('only names that the configuration needs are asked for', () => {
  expect(namesNeeded(defaultConfig())).toEqual([]);
  let config = setKey(defaultConfig(), 'ids.ruleUrls', 'https://rules.example/a.tar.gz,http://192.0.2.1/b.rules');
  expect(namesNeeded(config)).toEqual(['rules.example']);
  config = setKey(config, 'release.proxy', 'http://proxy.example:3128');
  expect(namesNeeded(config)).toEqual(['proxy.example']);
});
