import { expect, test } from 'vitest';
import { renderRows } from '../../../src/console/search/render-rows.ts';
import { alertEvent, NOON_US } from '../../archive/sample.ts';

const row = (signature: string, more = {}) => {
  const event = alertEvent({ signature, ...more });
  if (event.type !== 'alert') throw new Error('not an alert');
  return { type: 'alert' as const, id: '1.1', timeUs: NOON_US, eve: event.eve };
};

test('columns stand under their heads, IPv6 keeps its port apart', () => {
  const text = renderRows(
    'alerts',
    [row('ET A', { src: '2001:db8::5', sid: 1 }), row('ET B', { severity: 3 })],
    Infinity,
  );
  expect(text.split('\n')).toEqual([
    'TIME (UTC)           SEV  RULE         FROM                 TO             PROTO  SIGNATURE',
    '2026-06-01 12:00:00    1  1:1:3        [2001:db8::5]:50000  192.0.2.9:443  TCP    ET A',
    '2026-06-01 12:00:00    3  1:2024217:3  10.0.0.5:50000       192.0.2.9:443  TCP    ET B',
  ]);
});

test('text from the network neither moves the cursor nor breaks the line, and is cut to the screen', () => {
  const text = renderRows('alerts', [row(`ET \u001b[2J\n${'x'.repeat(300)}`)], 100);
  const [, line] = text.split('\n');
  expect(text.split('\n')).toHaveLength(2);
  expect(line).toMatch(/ET \\x1b\[2J\\x0a?/);
  expect(line.endsWith('..')).toBe(true);
  expect(line).toHaveLength(100);
});
