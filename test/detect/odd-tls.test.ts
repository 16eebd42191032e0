import { expect, test } from 'vitest';
import { KNOWN_HOSTS } from '../../src/detect/odd-tls.ts';
import { recordOf, seen, times } from './records.ts';

const SELF = { subject: 'CN=box', issuerdn: 'CN=box' };
const tls = (part: object, more = {}) => recordOf('tls', part, 100, more);
const others = times(KNOWN_HOSTS, (i) =>
  recordOf('tls', { sni: 'www.example', ja4: 'browser' }, i, { src_ip: `10.0.1.${i}` }),
);

test('several oddities together: own certificate, no name, odd port; a server and a program that only one host uses', () => {
  expect(seen('odd-tls', [tls(SELF)])).toEqual(['10.0.0.5 c2 0.4']);
  expect(seen('odd-tls', [tls({ ...SELF, sni: '198.51.100.9' }, { dest_port: 4443 })])).toEqual(['10.0.0.5 c2 0.5']);
  expect(seen('odd-tls', [...others, tls({ ...SELF, sni: 'c.example', ja4: 'tool' })])).toEqual(['10.0.0.5 c2 0.5']);
});

test('near misses: each alone, a program and server that all use, an everyday name, inside', () => {
  expect(seen('odd-tls', [tls({ ...SELF, sni: 'box.example' })])).toEqual([]);
  expect(seen('odd-tls', [tls({ subject: 'CN=a', issuerdn: 'CN=ca' }, { dest_port: 4443 })])).toEqual([]);
  expect(seen('odd-tls', [...others, tls({ ...SELF, sni: 'www.example', ja4: 'browser' })])).toEqual([]);
  expect(seen('odd-tls', [tls({ ...SELF, sni: 'a.microsoft.com' }, { dest_port: 4443 })])).toEqual([]);
  expect(seen('odd-tls', [tls(SELF, { dest_ip: '10.0.0.9' })])).toEqual([]);
});
