// Where addresses belong, from the portal: its databases, and nobody outside as long as the configuration does not say so.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSampleOrigins } from '../respond/enrich/sample-origins.ts';
import { PortalProcess } from './portal-process.ts';

const portal = new PortalProcess();
beforeAll(async () => {
  await portal.makeAccounts();
  writeSampleOrigins(portal.paths.originsDirs[0]);
  await portal.start();
  await portal.login('bert');
});
afterAll(() => portal.remove());

test('many addresses at once; of those that nothing is known of, nothing is said', async () => {
  expect(await portal.json('/api/origins?address=9.9.9.9&address=10.0.0.5&address=11.0.1.1&address=x')).toEqual({
    '9.9.9.9': { country: 'US', asn: 19281, asName: 'Quad9, "the" resolver' },
    '11.0.1.1': { asn: 64500, asName: 'Example Ltd' },
  });
  const tooMany = '/api/origins?'.concat('address=9.9.9.9&'.repeat(201));
  expect(await portal.json(tooMany)).toMatchObject({
    code: 'usage',
    message: expect.stringContaining('200 at a time'),
  });
});

test('who an address is: from the databases, and why nobody else was asked', async () => {
  expect(await portal.json('/api/who/9.9.9.9')).toEqual({
    address: '9.9.9.9',
    origin: { country: 'US', asn: 19281, asName: 'Quad9, "the" resolver' },
    answers: [],
    notAsked: expect.stringContaining('mss config set enrich.outside true'),
  });
  expect(await portal.json('/api/who/9.9.9')).toMatchObject({ code: 'network' });
});

test('an address of no public network is nobody to ask about', async () => {
  expect(await portal.json('/api/who/10.0.0.5')).toEqual({
    address: '10.0.0.5',
    answers: [],
    notAsked: 'this address belongs to nobody on the Internet',
  });
});
