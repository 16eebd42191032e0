import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventTimeUs, parseEveLine, parseEveTime } from '../../src/eve/parse.ts';

test.each([
  ['2026-11-24T12:00:00.000001+0000', Date.UTC(2026, 10, 24, 12) * 1000 + 1],
  ['2026-11-24T12:00:00.5+0130', Date.UTC(2026, 10, 24, 10, 30) * 1000 + 500_000],
  ['2026-11-24T12:00:00-0800', Date.UTC(2026, 10, 24, 20) * 1000],
  ['2026-11-24T12:00:00Z', Date.UTC(2026, 10, 24, 12) * 1000],
])('%s', (text, timeUs) => expect(parseEveTime(text)).toBe(timeUs));

test.each(['', 'now', '2026-11-24 12:00:00', '2026-13-24T12:00:00Z'])('%j is no time', (text) =>
  expect(parseEveTime(text)).toBeUndefined(),
);

test('unknown fields pass through untouched', () => {
  const line = '{"timestamp":"2026-11-24T12:00:00Z","event_type":"new","new":{"deep":[1,{"x":null}]}}';
  expect(parseEveLine(line)).toEqual(JSON.parse(line));
});

const stamped = '{"timestamp":"2026-11-24T12:00:00Z","event_type":"alert"';
test.each([
  '',
  '{',
  '[]',
  'null',
  '3',
  '{"event_type":"alert"}',
  '{"timestamp":"x","event_type":"alert"}',
  `${stamped},"alert":null}`,
  `${stamped},"flow":5}`,
])('%j is no record', (line) => expect(parseEveLine(line)).toBeUndefined());

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => parseEveLine(line) === undefined || true));
});

test('a flow counts from its start, although it is told of when it ends', () => {
  const flow = { timestamp: '2026-11-24T12:10:00Z', event_type: 'flow', flow: { start: '2026-11-24T12:00:00Z' } };
  expect(eventTimeUs(parseEveLine(JSON.stringify(flow))!)).toBe(parseEveTime('2026-11-24T12:00:00Z'));
});
