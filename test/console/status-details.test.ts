// Status files are other programs' words: whatever stands in them, there is something to show.
import { expect, test } from 'vitest';
import type { ServiceStatus } from '../../src/api/status.ts';
import { readDetails } from '../../src/console/status-details.ts';
import { sampleSnapshot, service } from './sample-snapshot.ts';

const odd = (fields: object) => {
  const facts = service('ids', 'odd');
  return readDetails(
    sampleSnapshot({ services: [{ ...facts, status: { ...facts.status, ...fields } as ServiceStatus }] }),
  );
};

test.each([null, 7, 'all well', { a: 1 }, [null, 'x', 3]])('warnings that are %j are none', (warnings) => {
  expect(odd({ warnings }).warnings).toEqual([]);
});

test('a warning without text or time is shown as one', () => {
  expect(odd({ warnings: [{ text: 'disk full' }, { timeMs: 5 }] }).warnings).toEqual([
    { service: 'ids', timeMs: 5, text: '?' },
    { service: 'ids', timeMs: 0, text: 'disk full' },
  ]);
});

test('detail that is odd is not known', () => {
  const { rules, lastAlerts, listening } = odd({ detail: { rules: [], lastAlerts: 'none', interfaces: null } });
  expect([rules, lastAlerts, listening]).toEqual([undefined, [], []]);
});
