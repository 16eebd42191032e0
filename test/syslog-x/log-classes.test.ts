// A person's classes at work on log events and on the hits of rules: what is kept, what is matched, what becomes an alert.
import { expect, test } from 'vitest';
import type { SensorEvent } from '../../src/api/event.ts';
import { parseSensorConfig } from '../../src/config/parse.ts';
import { planClassify } from '../../src/respond/classification.ts';
import { LogClasses } from '../../src/syslog-x/log-classes.ts';
import { alertEvent } from '../archive/sample.ts';
import { logRecord, NOON_US } from '../detect/log-records.ts';

const create = (...found: object[]): LogClasses => {
  const classes = new LogClasses();
  classes.set(planClassify(parseSensorConfig({ classify: { classes: found } }).classify.classes, 'default'));
  return classes;
};
const logOf = (user: string) => ({
  type: 'log' as const,
  timeUs: NOON_US,
  log: logRecord({ user, source: '198.51.100.7' }),
});
const names = (events: SensorEvent[]) => events.map((event) => (event.type === 'alert' ? event.eve.mss : event.type));

test('a log event that a class picks out becomes an alert beside it, found by the same fields', () => {
  const classes = create({ name: 'root', words: 'field user=root', action: 'block', rank: 10, of: 'logs' });
  const [log, alert] = classes.apply(logOf('root'));
  expect(log).toEqual(logOf('root'));
  expect(alert).toMatchObject({
    type: 'alert',
    timeUs: NOON_US,
    eve: {
      src_ip: '198.51.100.7',
      alert: { gid: 515, signature: 'root', severity: 3 },
      log: { user: 'root' },
      mss: { class: 'root', action: 'block', rank: 10 },
    },
  });
  expect(classes.apply(logOf('ann'))).toEqual([logOf('ann')]);
});

test('what is deleted is not kept; what is deleted or ignored is matched with no rule', () => {
  const classes = create(
    { name: 'noise', words: 'field user=cron', action: 'delete', of: 'logs' },
    { name: 'known', words: 'field user=backup', action: 'ignore', of: 'logs' },
  );
  for (const [user, kept, isMatched] of [
    ['cron', 0, false],
    ['backup', 1, false],
    ['ann', 1, true],
  ] as const) {
    const event = logOf(user);
    expect(classes.apply(event)).toHaveLength(kept);
    expect(classes.isMatched(event.log)).toBe(isMatched);
  }
  expect(classes.counters).toEqual({ deletedMessages: 1, deletedLogAlerts: 0, suppressedClassAlerts: 0 });
});

test("rules' hits have the classes of alerts", () => {
  const classes = create(
    { name: 'never', words: 'sid 5', action: 'delete' },
    { name: 'look', words: 'sid 6', action: 'highlight' },
  );
  expect(classes.apply(alertEvent({ sid: 5 }))).toEqual([]);
  expect(names(classes.apply(alertEvent({ sid: 6 })))).toEqual([
    { rank: 0, reasons: [], class: 'look', action: 'highlight' },
  ]);
  expect(classes.counters.deletedLogAlerts).toBe(1);
});

test('a class that fits everything makes a hundred alerts a minute, and what is beyond is counted', () => {
  const classes = create({ name: 'all', words: 'field user="*"', action: 'highlight', of: 'logs' });
  const alerts = (count: number, nowMs: number) =>
    Array.from({ length: count }, () => classes.apply(logOf('x'), nowMs)).flat().length - count;
  expect(alerts(150, 60_000)).toBe(100);
  expect(classes.counters.suppressedClassAlerts).toBe(50);
  expect(alerts(10, 120_000)).toBe(10);
});
