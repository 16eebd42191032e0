import { expect, test } from 'vitest';
import { MAIL_SERVERS, MAIL_WINDOW_US } from '../../src/detect/mail-burst.ts';
import { flowAt, seen, times } from './records.ts';

const mail = (count: number, server: (i: number) => string, step = 1, port = 25, flow = {}) =>
  times(count, (i) => flowAt(i * step, server(i), port, flow));
const each = (i: number) => `198.51.100.${i}`;

test('one of ours delivers to many servers', () => {
  expect(seen('mail-burst', mail(MAIL_SERVERS + 10, each))).toEqual(['10.0.0.5 spread 0.7']);
});

test('near misses: one fewer, one relay, too slowly, submission, nobody at home', () => {
  expect(seen('mail-burst', mail(MAIL_SERVERS - 1, each))).toEqual([]);
  expect(
    seen(
      'mail-burst',
      mail(200, () => '198.51.100.1'),
    ),
  ).toEqual([]);
  expect(seen('mail-burst', mail(100, each, MAIL_WINDOW_US / 1e6 / 10))).toEqual([]);
  expect(seen('mail-burst', mail(100, each, 1, 587))).toEqual([]);
  expect(seen('mail-burst', mail(100, each, 1, 25, { pkts_toclient: 0 }))).toEqual([]);
});
