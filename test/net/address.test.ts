import { expect, test } from 'vitest';
import { canonicalAddress, formatAddress, parseAddress, parseAddressOrNothing } from '../../src/net/address.ts';
import { cidrContains, formatCidr, parseCidr } from '../../src/net/cidr.ts';
import { HomeNet } from '../../src/net/home-net.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // one zero group is not shortened (RFC 5952, 4.2.2)
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'], // the longest run
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], // the first of equal runs
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
])('%s is written %s', (text, canonical) => {
  expect(canonicalAddress(text)).toBe(canonical);
  expect(formatAddress(parseAddress(canonical))).toBe(canonical);
});

test.each([
  '',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.4.5',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '::1%eth0',
  'g::',
  '1.2.3.4::',
  '1:2:3:4:5:6:7::8',
])('"%s" is no address', (text) => expect(parseAddressOrNothing(text)).toBeUndefined());

test('blocks contain what they should, and never the other family', () => {
  const block = parseCidr('10.1.2.129/25');
  expect(formatCidr(block)).toBe('10.1.2.128/25');
  expect(cidrContains(block, parseAddress('10.1.2.255'))).toBe(true);
  expect(cidrContains(block, parseAddress('10.1.2.127'))).toBe(false);
  expect(cidrContains(parseCidr('0.0.0.0/0'), parseAddress('::1'))).toBe(false);
  expect(formatCidr(parseCidr('2001:db8::ffff/33'))).toBe('2001:db8::/33');
  expect(formatCidr(parseCidr('::1'))).toBe('::1/128');
  for (const bad of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '/8', 'x/8', '10.0.0.0/-1']) {
    expect(() => parseCidr(bad), bad).toThrow(/not an address block/);
  }
});

test('HOME_NET', () => {
  const home = new HomeNet(['10.0.0.0/8', 'fd00::/8']);
  expect(home.contains('10.255.0.1')).toBe(true);
  expect(home.contains('fd12::1')).toBe(true);
  expect(home.contains('11.0.0.1')).toBe(false);
  expect(home.contains(parseAddress('10.0.0.1'))).toBe(true);
});
