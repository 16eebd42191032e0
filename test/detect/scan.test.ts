import { expect, test } from 'vitest';
import { HORIZONTAL_HOSTS, SCAN_WINDOW_US, ScanDetector, VERTICAL_PORTS } from '../../src/detect/scan.ts';
import { TargetWindows } from '../../src/detect/target-windows.ts';
import { answered, flowRecord, isHome, SECOND_US, seen, times } from './records.ts';

const run = (count: number, record: (i: number) => ReturnType<typeof flowRecord>, stepUs = SECOND_US) => {
  const detector = new ScanDetector(isHome);
  return Array.from({ length: count }, (_, i) => detector.observe(record(i), i * stepUs)).flat();
};

test('one of ours that fails at many hosts scans outward, once', () => {
  const events = run(HORIZONTAL_HOSTS + 10, (i) => flowRecord('10.0.0.5', `198.51.100.${i}`, 445));
  expect(events.map(({ host, phase }) => `${host} ${phase}`)).toEqual(['10.0.0.5 spread']);
  expect(events[0].summary).toContain('TCP/445');
});

test('near misses: one host fewer, hosts that answer, the same hosts again, too slowly, multicast, eaten QUIC', () => {
  expect(run(HORIZONTAL_HOSTS - 1, (i) => flowRecord('10.0.0.5', `198.51.100.${i}`, 445))).toEqual([]);
  expect(run(100, (i) => flowRecord('10.0.0.5', `198.51.100.${i}`, 443, { flow: answered }))).toEqual([]);
  expect(run(100, (i) => flowRecord('10.0.0.5', `198.51.100.${i % 10}`, 445))).toEqual([]);
  expect(run(100, (i) => flowRecord('10.0.0.5', `198.51.100.${i}`, 445), SCAN_WINDOW_US / 10)).toEqual([]);
  expect(run(100, (i) => flowRecord('10.0.0.5', `239.1.1.${i}`, 5353, { proto: 'UDP' }))).toEqual([]);
  expect(run(100, (i) => flowRecord('10.0.0.5', `198.51.100.${i}`, 443, { proto: 'UDP' }))).toEqual([]);
});

test('hosts of ours that a stranger tries are each told, also those before the threshold', () => {
  const events = run(HORIZONTAL_HOSTS + 2, (i) => flowRecord('198.51.100.9', `10.0.0.${i}`, 22));
  expect(events.every(({ phase }) => phase === 'scan-in')).toBe(true);
  expect(new Set(events.map(({ host }) => host)).size).toBe(HORIZONTAL_HOSTS + 2);
});

test('many refused ports of one host are a scan of it, by both sides', () => {
  const refused = { ...answered, pkts_toserver: 1, pkts_toclient: 1 };
  const events = run(VERTICAL_PORTS + 5, (i) =>
    flowRecord('10.0.0.5', '10.0.0.6', i + 1, { flow: refused, tcp: { rst: true } }),
  );
  expect(events.map(({ host, phase }) => `${host} ${phase}`)).toEqual(['10.0.0.5 spread', '10.0.0.6 scan-in']);
});

test('strangers among themselves are not our business', () => {
  expect(run(100, (i) => flowRecord('198.51.100.9', `203.0.113.${i}`, 22))).toEqual([]);
});

test('memory is bounded: a flood of sources does not keep them all', () => {
  const detector = new ScanDetector(isHome);
  for (let i = 0; i < 60_000; i++) {
    const source = `198.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    expect(detector.observe(flowRecord(source, '10.0.0.1', 80), i)).toEqual([]);
  }
  // the earliest source was forgotten: its count begins anew
  const again = Array.from({ length: VERTICAL_PORTS - 1 }, (_, i) =>
    detector.observe(flowRecord('198.0.0.0', '10.0.0.1', 1000 + i), 60_000 + i),
  );
  expect(again.flat()).toEqual([]);
});

test('a mirror that shows one direction makes no scanners', () => {
  const oneSided = { ...answered, pkts_toserver: 40, pkts_toclient: 0 };
  expect(run(100, (i) => flowRecord('10.0.0.5', `198.51.100.${i}`, 443, { flow: oneSided }))).toEqual([]);
});

test('memory is bounded also where few sources try very many targets', () => {
  const windows = new TargetWindows(SCAN_WINDOW_US, 1000, 5000);
  for (let key = 0; key < 20; key++) {
    for (let i = 0; i < 1000; i++) windows.add(`scanner ${key}`, `target ${i}`, key * 1000 + i, 2000);
  }
  expect(windows.evictedKeys).toBe(15);
  // the last ones are still known whole: a repeated target is no news, and one more reaches the threshold
  expect(windows.add('scanner 19', 'target 0', 20_000, 1001)).toBeUndefined();
  expect(windows.add('scanner 19', 'new', 20_000, 1001)).toHaveLength(1001);
  expect(windows.add('scanner 0', 'target 0', 20_001, 1)).toEqual(['target 0']);
});

test('it is one of the detectors that look at all records', () => {
  const tries = times(HORIZONTAL_HOSTS, (i) => flowRecord('10.0.0.5', `198.51.100.${i}`, 445));
  expect(seen('scan', tries)).toEqual(['10.0.0.5 spread 0.7']);
});
