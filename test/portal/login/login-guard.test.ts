import { expect, test } from 'vitest';
import { LoginGuard } from '../../../src/portal/login/login-guard.ts';
import { IDLE_MS, LONGEST_MS, Sessions } from '../../../src/portal/login/sessions.ts';

test('each failure doubles the wait of its address up to a minute, of its name up to seconds', () => {
  const guard = new LoginGuard();
  const waits: number[] = [];
  let now = 1e12;
  for (let i = 0; i < 10; i++) {
    guard.failed('192.0.2.1', `name${i}`, now);
    waits.push(guard.waitMs('192.0.2.1', 'other', now));
    now += 1000;
  }
  expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
  expect(waits.at(-1)).toBe(60_000);
  expect(guard.waitMs('192.0.2.2', 'other', now)).toBe(0);
  for (let i = 0; i < 20; i++) guard.failed(`198.51.100.${i}`, 'anna', now);
  expect(guard.waitMs('192.0.2.77', 'anna', now)).toBe(4000);
});

test('other addresses of one IPv6 network wait as well, those of another do not', () => {
  const guard = new LoginGuard();
  for (let i = 0; i < 5; i++) guard.failed(`2001:db8::${i}`, `name${i}`, 1000);
  expect(guard.waitMs('2001:db8::ffff:1', 'other', 1000)).toBe(8000);
  expect(guard.waitMs('2001:db8:0:1::1', 'other', 1000)).toBe(0);
});

test('a success and a quarter of an hour make it forget', () => {
  const guard = new LoginGuard();
  for (let i = 0; i < 5; i++) guard.failed('192.0.2.1', 'anna', 1000);
  guard.succeeded('192.0.2.1', 'anna');
  expect(guard.waitMs('192.0.2.1', 'anna', 1000)).toBe(0);
  for (let i = 0; i < 5; i++) guard.failed('192.0.2.1', 'anna', 1000);
  guard.failed('192.0.2.1', 'anna', 1000 + 16 * 60_000);
  expect(guard.waitMs('192.0.2.1', 'anna', 1000 + 16 * 60_000)).toBe(500);
});

test('a flood of names does not make it grow without bound, and the newest failure still counts', () => {
  const guard = new LoginGuard();
  for (let i = 0; i < 30_000; i++) guard.failed(`2001:db8:0:${i.toString(16)}::1`, `name${i}`, 1000);
  expect(guard.waitMs('2001:db8:0:0::1', 'name0', 1000)).toBe(0);
  expect(guard.waitMs('2001:db8:0:752f::1', 'x', 1000)).toBe(500);
});

test('a session ends when idle, in any case after half a day, at the logout, and when too many are open', () => {
  const sessions = new Sessions();
  const anna = { name: 'anna', hash: 'h' };
  const idle = sessions.begin(anna, 0);
  expect(sessions.find(idle, IDLE_MS, false)?.name).toBe('anna');
  expect(sessions.find(idle, IDLE_MS + 1, true)).toBeUndefined();

  const busy = sessions.begin(anna, 0);
  for (let at = 0; at <= LONGEST_MS; at += IDLE_MS / 2) expect(sessions.find(busy, at, true)).toBeDefined();
  expect(sessions.find(busy, LONGEST_MS + 1, true)).toBeUndefined();

  const over = sessions.begin(anna, 0);
  sessions.end(over);
  expect(sessions.find(over, 1, true)).toBeUndefined();
  expect(sessions.find('x'.repeat(43), 1, true)).toBeUndefined();

  const first = sessions.begin(anna, 0);
  for (let i = 1; i <= 500; i++) sessions.begin(anna, i);
  expect(sessions.size).toBe(500);
  expect(sessions.find(first, 501, true)).toBeUndefined();
});
