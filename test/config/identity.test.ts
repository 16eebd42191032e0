// /nsm/etc/UUID: what a shell reads is what we read.
import { expect, test } from 'vitest';
import { parseIdentity, renderIdentity } from '../../src/config/identity.ts';

const UUID = '6f9619ff-8b86-4011-b42d-00c04fc964ff';

test('written and read again; a person may quote and comment', () => {
  expect(renderIdentity({ sensorNumber: 7, uuid: UUID })).toBe(`export sid=7\nexport uuid=${UUID}\n`);
  expect(parseIdentity(`# mine\nexport sid="7"\n export uuid='${UUID}'\n`)).toEqual({ sensorNumber: 7, uuid: UUID });
});

test.each([
  ['', /is no uuid/],
  [`export uuid=${UUID}`, /no sensor number/],
  [`export sid=-1\nexport uuid=${UUID}`, /no sensor number/],
  [`export sid=1\nexport uuid=../../etc`, /is no uuid/],
])('%j is refused with what is wrong', (text, why) => {
  expect(() => parseIdentity(text)).toThrow(why);
});
