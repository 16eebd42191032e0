import { expect, test } from 'vitest';
import type { Filter } from '../../src/query/filter.ts';
import { parseFilter } from '../../src/query/parse.ts';

const port = (n: number, dir: 'src' | 'dst' | 'either' = 'either'): Filter => ({ op: 'port', dir, from: n, to: n });
const host = (address: string, dir: 'src' | 'dst' | 'either' = 'either'): Filter => ({ op: 'host', dir, address });
const tcp: Filter = { op: 'proto', proto: 'tcp' };

test.each<[string, Filter]>([
  ['', { op: 'all' }],
  ['host 10.0.0.1', host('10.0.0.1')],
  ['10.0.0.1', host('10.0.0.1')],
  ['src 10.0.0.1', host('10.0.0.1', 'src')],
  ['dst host 2001:DB8::1', host('2001:db8::1', 'dst')],
  ['host 10.0.0.0/8', { op: 'net', dir: 'either', cidr: '10.0.0.0/8' }],
  ['net 10.1', { op: 'net', dir: 'either', cidr: '10.1.0.0/16' }],
  ['src net 2001:db8::/32', { op: 'net', dir: 'src', cidr: '2001:db8::/32' }],
  ['port https', port(443)],
  ['dst port 53', port(53, 'dst')],
  ['portrange 6000-6008', { op: 'port', dir: 'either', from: 6000, to: 6008 }],
  ['port 80 or 443', { op: 'or', terms: [port(80), port(443)] }],
  [
    'tcp port 80 or 443',
    {
      op: 'or',
      terms: [
        { op: 'and', terms: [tcp, port(80)] },
        { op: 'and', terms: [tcp, port(443)] },
      ],
    },
  ],
  ['not host 10.0.0.1 and 10.0.0.2', { op: 'and', terms: [{ op: 'not', term: host('10.0.0.1') }, host('10.0.0.2')] }],
  [
    '!tcp&&!(udp||arp)',
    {
      op: 'and',
      terms: [
        { op: 'not', term: tcp },
        {
          op: 'not',
          term: {
            op: 'or',
            terms: [
              { op: 'proto', proto: 'udp' },
              { op: 'proto', proto: 'arp' },
            ],
          },
        },
      ],
    },
  ],
  // equal binding, from the left, as in tcpdump
  [
    'tcp or udp and port 53',
    { op: 'and', terms: [{ op: 'or', terms: [tcp, { op: 'proto', proto: 'udp' }] }, port(53)] },
  ],
  ['src and dst port 123', { op: 'and', terms: [port(123, 'src'), port(123, 'dst')] }],
  ['src or dst host 10.0.0.1', host('10.0.0.1')],
  [
    'ip proto 47',
    {
      op: 'and',
      terms: [
        { op: 'proto', proto: 'ip' },
        { op: 'proto', proto: 47 },
      ],
    },
  ],
  ['proto \\udp', { op: 'proto', proto: 'udp' }],
  ['vlan', { op: 'vlan' }],
  [
    'vlan 7 and icmp6',
    {
      op: 'and',
      terms: [
        { op: 'vlan', id: 7 },
        { op: 'proto', proto: 'icmp6' },
      ],
    },
  ],
  ['less 64', { op: 'length', cmp: '<=', bytes: 64 }],
  ['greater 1500', { op: 'length', cmp: '>=', bytes: 1500 }],
  ['community-id 1:LQU9qZlK+B5F3KDmev6m5PMibrg=', { op: 'community-id', id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=' }],
  [
    'sid 2000001 or 2000002',
    {
      op: 'or',
      terms: [
        { op: 'sid', sid: 2000001 },
        { op: 'sid', sid: 2000002 },
      ],
    },
  ],
  ['severity <= 2', { op: 'severity', cmp: '<=', level: 2 }],
  [
    'category trojan-activity and app tls',
    {
      op: 'and',
      terms: [
        { op: 'category', text: 'trojan-activity' },
        { op: 'app', text: 'tls' },
      ],
    },
  ],
  [
    'phase c2 and "say \\"hi\\""',
    {
      op: 'and',
      terms: [
        { op: 'phase', phase: 'c2' },
        { op: 'text', text: 'say "hi"' },
      ],
    },
  ],
])('%s', (text, filter) => expect(parseFilter(text)).toEqual(filter));

test.each([
  ['host example.org', /"example.org" at column 6.*not looked up/],
  ['host', /the filter ends at column 5: expected a host/],
  ['port 70000', /"70000" at column 6/],
  ['port constructor', /"constructor" at column 6/],
  ['portrange 9-1', /range of ports/],
  ['tcp and', /the filter ends at column 8: expected host, net, port/],
  ['(tcp or udp', /the \) that closes column 1/],
  ['tcp udp', /"udp" at column 5: expected and, or/],
  ['frobnicate 7', /"frobnicate" at column 1: expected host, net/],
  ['tcp[13] & 2', /the filter ends at column 12: expected =, !=/],
  ['tcp[13] & 2 =', /the filter ends at column 14: expected a number/],
  ['tcp[13:3] = 1', /"3" at column 8: expected 1, 2 or 4 bytes/],
  ['foo[1] = 1', /"foo" at column 1: expected one of ether, ip/],
  ['tcp[1 = 1', /"=" at column 7: expected :BYTES or \]/],
  ['ether host 10.0.0.1', /"10.0.0.1" at column 12: expected a MAC address/],
  ['"open', /column 1 is not closed/],
  ['vlan 5000', /VLAN id \(0 to 4095\)/],
  ['community-id 1:short=', /community id like/],
  ['host 1.2.3.4 or', /the filter ends/],
  [')', /"\)" at column 1/],
])('%s is refused, naming word, place and choices', (text, message) =>
  expect(() => parseFilter(text)).toThrow(message),
);

test('nesting has a bound instead of a stack overflow', () => {
  expect(() => parseFilter(`${'('.repeat(5000)}tcp${')'.repeat(5000)}`)).toThrow(/nesting/);
});
