// A person's classes: the first whose words match counts, and what they cannot say is refused by name.
import { expect, test } from 'vitest';
import { parseSensorConfig } from '../../src/config/parse.ts';
import { planClassify } from '../../src/respond/classification.ts';
import { occasionOf } from '../../src/respond/occasion.ts';
import { alertEvent } from '../archive/sample.ts';

const classes = (...found: object[]) => parseSensorConfig({ classify: { classes: found } }).classify.classes;

test('the first class that matches counts; disabled ones do not', () => {
  const classify = planClassify(
    classes(
      { name: 'off', words: 'host 10.0.0.5', action: 'disabled' },
      { name: 'scanner', words: 'host 10.0.0.5 and sid 7', action: 'ignore' },
      { name: 'server', words: 'host 10.0.0.5', action: 'rank', rank: 20 },
    ),
  );
  expect(classify(alertEvent({ src: '10.0.0.5', sid: 7 }))?.name).toBe('scanner');
  expect(classify(alertEvent({ src: '10.0.0.5', sid: 8 }))).toMatchObject({ name: 'server', rank: 20 });
  expect(classify(alertEvent({ src: '10.0.0.6', sid: 7 }))).toBeUndefined();
});

test.each([
  ['words that do not parse', { name: 'a', words: 'prot 5', action: 'ignore' }, /class "a": .*"prot"/],
  ['words of another table', { name: 'b', words: 'phase c2', action: 'ignore' }, /class "b": .*"phase"/],
])('%s are refused', (_, one, message) => {
  expect(() => planClassify(classes(one))).toThrow(message);
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
