import { expect, test } from 'vitest';
import { isPublicAddress } from '../../src/net/public-address.ts';

test.each(['9.9.9.9', '172.32.0.1', '100.128.0.1', '2620:fe::9'])('%s can be somebody', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each(['10.1.2.3', '172.31.255.255', '127.0.0.1', '224.0.0.1', '255.255.255.255', '::1', 'fe80::1', 'fd00::1'])(
  '%s is nobody on the Internet',
  (address) => expect(isPublicAddress(address)).toBe(false),
);

test.each(['2001:db8::1', '::ffff:9.9.9.9', 'example.net', ''])('%s: nothing to ask about', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});
