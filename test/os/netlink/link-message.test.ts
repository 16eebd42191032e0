// The codec against bytes written out by hand after if_link.h: no machine that runs the tests need know bonds.
import { expect, test } from 'vitest';
import { IFF, parseLink, renderLink } from '../../../src/os/netlink/link-message.ts';

const bytes = (...hex: string[]) => Buffer.from(hex.join('').replaceAll(' ', ''), 'hex');

const HEAD = '00 00 01 00'; // AF_UNSPEC, ARPHRD_ETHER
const BOND_INFO = [
  '24 00 12 00', // IFLA_LINKINFO of 36 bytes
  '09 00 01 00 62 6f 6e 64 00 000000', // kind "bond"
  '14 00 02 00', // its settings
  '05 00 01 00 00 000000', // mode 0
  '08 00 03 00 64 00 00 00', // miimon 100
];

test('a bond to make', () => {
  expect(renderLink({ name: 'bond0', bond: { mode: 0, miimonMs: 100 } })).toEqual(
    bytes(HEAD.replace('01', '00'), '00000000 00000000 00000000', '0a 00 03 00 62 6f 6e 64 30 00 0000', ...BOND_INFO),
  );
});

test('flags, a master, a name to know it by and no IPv6 address', () => {
  const change = { index: 7, flags: IFF.up | IFF.noArp, flagsMask: IFF.up | IFF.noArp | IFF.multicast };
  expect(renderLink({ ...change, masterIndex: 9, alias: 'ours', noIpv6Addresses: true })).toEqual(
    bytes(
      '00000000 07000000 81000000 81100000',
      '08 00 14 00 6f 75 72 73',
      '08 00 0a 00 09 00 00 00',
      '10 00 1a 00 0c 00 0a 00 05 00 08 00 01 000000',
    ),
  );
});

test('a bond as the kernel describes it; nested attributes may carry the flag for that', () => {
  const payload = bytes(
    HEAD,
    '09000000 43150000 00000000',
    '0a 00 03 00 62 6f 6e 64 30 00 0000',
    '05 00 21 00 01 000000', // carrier
    '09 00 14 00 6f 75 72 73 00 000000',
    ...BOND_INFO.with(0, '24 00 12 80'),
  );
  expect(parseLink(payload)).toEqual({
    index: 9,
    name: 'bond0',
    up: true,
    carrier: true,
    promiscuous: true,
    masterIndex: undefined,
    kind: 'bond',
    alias: 'ours',
    bond: { mode: 0, miimonMs: 100 },
  });
});

test('a torn message is no link, or one without what was torn off; nothing is read beyond the end', () => {
  const whole = bytes(HEAD, '09000000 01000000 00000000', '08 00 03 00 65 74 68 00', '08 00 0a 00 03 00 00 00');
  expect(parseLink(whole)).toMatchObject({ name: 'eth', masterIndex: 3, carrier: false });
  for (let length = 0; length < 24; length++) expect(parseLink(whole.subarray(0, length))).toBeUndefined();
  for (let length = 24; length < 32; length++) {
    expect(parseLink(whole.subarray(0, length))).toMatchObject({ name: 'eth', masterIndex: undefined });
  }
  const lying = bytes(HEAD, '09000000 01000000 00000000', '00 00 03 00 65 74 68 00');
  expect(parseLink(lying)).toBeUndefined();
});
