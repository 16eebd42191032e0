import { expect, test } from 'vitest';
import { LiveHub } from '../../../src/portal/live/live-hub.ts';
import { parseFilter } from '../../../src/query/parse.ts';
import { planMemory } from '../../../src/query/plan-memory.ts';
import { alertEvent, flowEvent } from '../../archive/sample.ts';

const wants = (words: string) => planMemory(parseFilter(words), 'alerts');

test('a slow reader loses the oldest rows, counted; others lose nothing', async () => {
  const hub = new LiveHub();
  const slow = hub.watch(wants(''));
  const picky = hub.watch(wants('sid 700'));
  for (let i = 0; i < 800; i++) hub.publish(i, alertEvent({ sid: i }));
  hub.publish(900, flowEvent({}));
  const { rows, dropped } = await slow.take(1000);
  expect(rows).toHaveLength(500);
  expect(dropped).toBe(300);
  expect(rows[0]).toMatchObject({ type: 'alert', eve: { alert: { signature_id: 300 } } });
  expect(hub.droppedRows).toBe(300);
  expect((await picky.take(1000)).rows).toHaveLength(1);
  hub.unwatch(slow);
  hub.publish(901, alertEvent({ sid: 700 }));
  expect(hub.watchers).toBe(1);
  expect((await picky.take(1000)).rows).toHaveLength(1);
});

test('a reader that waits is woken by a row, and by the end of the service', async () => {
  const hub = new LiveHub();
  const watcher = hub.watch(wants(''));
  const first = watcher.take(60_000);
  hub.publish(1, alertEvent({}));
  expect((await first).rows).toHaveLength(1);
  const second = watcher.take(60_000);
  hub.wakeAll();
  expect((await second).rows).toEqual([]);
});

test('watchers are bounded', () => {
  const hub = new LiveHub();
  for (let i = 0; i < 32; i++) hub.watch(wants(''));
  expect(() => hub.watch(wants(''))).toThrow(/32 live views are open/);
});
