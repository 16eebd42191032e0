// A packed profile comes back as it was, takes a byte a character, and little room.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packProfile, unpackProfile } from '../../src/incidents/pack-profile.ts';
import type { ProfileState } from '../../src/incidents/profile.ts';

const HOST = '10.0.0.5';
const text = fc.string({ unit: 'binary' });
const port = fc.nat(65_535);
const step = fc.record(
  {
    timeUs: fc.integer(),
    phase: fc.constantFrom('scan-in', 'c2', 'spread'),
    detector: text,
    summary: fc.oneof(text, fc.constant(HOST)),
    confidence: fc.float({ min: 0, max: 1, noNaN: true, noDefaultInfinity: true }).map((one) => Math.abs(one)),
    host: fc.constant(HOST),
    src_ip: fc.constantFrom(HOST, '198.51.100.9', '2001:db8::1'),
    src_port: port,
    dest_ip: fc.constantFrom(HOST, '198.51.100.9'),
    dest_port: port,
    proto: text,
    community_id: text,
    rule: text,
    count: fc.nat(),
    lastUs: fc.integer(),
  },
  { requiredKeys: ['timeUs', 'phase', 'detector', 'summary', 'confidence', 'host'] },
);

test('a profile comes back as it was', () => {
  const states = fc.record(
    {
      host: fc.constant(HOST),
      incidentId: text,
      verdict: fc.constant({ state: 'closed', by: 'ada', timeUs: 5, note: '清掃済' }),
      reopened: fc.nat(),
      firstUs: fc.integer(),
      lastUs: fc.integer(),
      dropped: fc.nat(),
      events: fc.array(step, { minLength: 1, maxLength: 5 }),
    },
    { requiredKeys: ['host', 'reopened', 'firstUs', 'lastUs', 'dropped', 'events'] },
  );
  fc.assert(
    fc.property(states, (drawn) => {
      const state = drawn as ProfileState;
      const packed = packProfile(state);
      expect(packed).toMatch(/^[\0-\xff]*$/);
      expect(unpackProfile(HOST, packed)).toEqual(state);
    }),
  );
});

test('a host that was scanned once takes little room', () => {
  const timeUs = Date.UTC(2026, 10, 24) * 1000;
  const ends = { src_ip: '198.51.100.9', dest_ip: HOST, dest_port: 22, proto: 'TCP' };
  const scanned = {
    timeUs,
    phase: 'scan-in',
    detector: 'scan',
    summary: 'scan of TCP/22',
    confidence: 0.6,
    host: HOST,
  };
  const rest = { host: HOST, reopened: 0, firstUs: timeUs, lastUs: timeUs, dropped: 0 };
  expect(packProfile({ ...rest, events: [{ ...scanned, phase: 'scan-in', ...ends }] }).length).toBeLessThan(110);
});
