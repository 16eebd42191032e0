// Lines that no engine should write, as its files may hold them after a crash: each is counted or taken; none ends ids.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Intake } from '../../src/ids/intake.ts';

const KINDS = ['stats', 'alert', 'flow', 'fileinfo', 'anomaly', 'http', ''];
const FIELDS = ['stats', 'alert', 'flow', 'fileinfo', 'http', 'src_ip', 'dest_ip', 'flow_id', 'timestamp', 'metadata'];
const INNER = [
  'uptime',
  'decoder',
  'pkts',
  'signature',
  'severity',
  'sha256',
  'pkts_toserver',
  'start',
  'status',
  'gid',
];

test('any JSON, and what is none', () => {
  const intake = new Intake({ homeNet: ['10.0.0.0/8'] }, { eveRecords: 0, tiedRecords: new Set() });
  intake.badFiles = new Set(['ab'.repeat(32)]);
  const value = fc.oneof(
    fc.constantFrom('10.0.0.5', '198.51.100.9', 'ab'.repeat(32), '2026-11-24T12:00:00.000000+0000'),
    fc.integer(),
    fc.constant(null),
    fc.dictionary(fc.constantFrom(...INNER), fc.oneof(fc.integer(), fc.string({ maxLength: 3 }), fc.constant(null))),
  );
  const record = fc
    .tuple(fc.constantFrom(...KINDS), fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 8 }))
    .map(([event_type, fields]) =>
      JSON.stringify({ timestamp: '2026-11-24T12:00:00.000000+0000', ...fields, event_type }),
    );
  const line = fc.oneof({ weight: 4, arbitrary: record }, fc.json(), fc.string());
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
      const before = intake.unreadableLines;
      const events = intake.take(lines);
      expect(intake.unreadableLines - before).toBeLessThanOrEqual(lines.length);
      for (const { timeUs } of events) expect(Number.isFinite(timeUs)).toBe(true);
    }),
    { numRuns: 1500 },
  );
});
