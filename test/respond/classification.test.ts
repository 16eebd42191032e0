// A person's classes: the first whose words match counts, and what they cannot say is refused by name.
import { expect, test } from 'vitest';
import { parseSensorConfig } from '../../src/config/parse.ts';
import { planClassify } from '../../src/respond/classification.ts';
import { occasionOf } from '../../src/respond/occasion.ts';
import { alertEvent } from '../archive/sample.ts';
import { logRecord, NOON_US } from '../detect/log-records.ts';

const classes = (...found: object[]) => parseSensorConfig({ classify: { classes: found } }).classify.classes;

test('the first class that matches counts; disabled ones do not', () => {
  const classify = planClassify(
    classes(
      { name: 'off', words: 'host 10.0.0.5', action: 'disabled' },
      { name: 'scanner', words: 'host 10.0.0.5 and sid 7', action: 'ignore' },
      { name: 'server', words: 'host 10.0.0.5', action: 'rank', rank: 20 },
    ),
    'default',
  );
  expect(classify(alertEvent({ src: '10.0.0.5', sid: 7 }))?.name).toBe('scanner');
  expect(classify(alertEvent({ src: '10.0.0.5', sid: 8 }))).toMatchObject({ name: 'server', rank: 20 });
  expect(classify(alertEvent({ src: '10.0.0.6', sid: 7 }))).toBeUndefined();
});

test('per domain, and over log fields', () => {
  const found = classes(
    { name: 'branch', words: 'host 10.0.0.5', action: 'ignore', domain: 'branch' },
    { name: 'root', words: 'field user=root and field outcome=failure', action: 'mail', of: 'logs' },
    { name: 'rule on root', words: 'field user=root', action: 'highlight' },
  );
  const log = (user: string) => ({
    type: 'log' as const,
    timeUs: NOON_US,
    log: logRecord({ user, outcome: 'failure' }),
  });
  const hit = alertEvent({ src: '10.0.0.5' });
  if (hit.type === 'alert') hit.eve.log = { user: 'root' };
  const here = planClassify(found, 'default');
  expect(here(log('root'))?.name).toBe('root');
  expect(here(log('ann'))).toBeUndefined();
  expect(here(hit)?.name).toBe('rule on root');
  expect(planClassify(found, 'branch')(hit)?.name).toBe('branch');
});

test.each([
  ['words that do not parse', { name: 'a', words: 'prot 5', action: 'ignore' }, /class "a": .*"prot"/],
  ['words of alerts only', { name: 'c', words: 'sid 5', action: 'mail', of: 'logs' }, /class "c": .*"sid"/],
  ['words of another table', { name: 'b', words: 'phase c2', action: 'ignore' }, /class "b": .*"phase"/],
])('%s are refused', (_, one, message) => {
  expect(() => planClassify(classes(one), 'default')).toThrow(message);
});

test.each([
  [{ name: 'a', words: 'tcp', action: 'nothing' }],
  [{ name: 'a', words: '', action: 'ignore' }],
  [{ name: 'a', words: 'tcp', action: 'rank', rank: 101 }],
])('%j is no class', (one) => {
  expect(() => classes(one)).toThrow(/classify.classes/);
});

test('two classes of one name are refused', () => {
  const one = { name: 'a', words: 'tcp', action: 'ignore' };
  expect(() => classes(one, one)).toThrow(/names must differ/);
});

test('a class decides whether an alert wakes somebody', () => {
  const severe = alertEvent({ severity: 1 });
  const slight = alertEvent({ severity: 3 });
  if (severe.type !== 'alert' || slight.type !== 'alert') throw new Error('alerts were asked for');
  severe.eve.mss = { rank: 0, reasons: [], class: 'ours', action: 'ignore' };
  slight.eve.mss = { rank: 0, reasons: [], class: 'watched', action: 'mail' };
  expect(occasionOf(severe)).toBeUndefined();
  expect(occasionOf(slight)?.facts).toContainEqual(['Class', 'watched']);
});
