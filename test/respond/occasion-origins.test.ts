// What a mail says of the addresses: their country and AS, where they are known.
import { expect, test } from 'vitest';
import type { SensorEvent } from '../../src/api/event.ts';
import { occasionOf } from '../../src/respond/occasion.ts';
import { alertEvent } from '../archive/sample.ts';

const findOrigin = (address: string) =>
  address === '9.9.9.9' ? { country: 'US', asn: 19281, asName: 'Quad9' } : undefined;

test('an alert: behind the end that is known', () => {
  const occasion = occasionOf(alertEvent({ dst: '9.9.9.9', severity: 1 }), findOrigin);
  expect(occasion?.facts).toContainEqual(['To', '9.9.9.9:443 TCP (US, AS19281 Quad9)']);
  expect(occasion?.facts).toContainEqual(['From', '10.0.0.5:50000']);
});

test('an incident: a line for each address that is known', () => {
  const event: SensorEvent = {
    type: 'incident',
    timeUs: 1,
    incident: {
      id: 'i1',
      host: '10.0.0.5',
      score: 1,
      rank: 80,
      phases: ['c2'],
      firstUs: 1,
      lastUs: 1,
      state: 'open',
      evidence: [{ timeUs: 1, phase: 'c2', detector: 'beacon', summary: 'x', src_ip: '10.0.0.5', dest_ip: '9.9.9.9' }],
      evidenceDropped: 0,
    },
  };
  expect(occasionOf(event, findOrigin)?.facts.at(-1)).toEqual(['9.9.9.9', 'US, AS19281 Quad9']);
});
