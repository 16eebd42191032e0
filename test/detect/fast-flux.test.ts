import { expect, test } from 'vitest';
import { FLUX_NETWORKS, SHORT_TTL_SECONDS } from '../../src/detect/fast-flux.ts';
import { answeredDns } from './dns-records.ts';
import { seen, times } from './records.ts';

const turns = (
  count: number,
  name: string,
  more: { ttl?: number; client?: string; data?: (i: number) => string } = {},
) =>
  times(count, (i) => {
    const { ttl = 60, client, data = (k: number) => `${60 + k}.${k}.1.1` } = more;
    return answeredDns(name, 'NOERROR', i * 60, [{ rrname: name, rrtype: 'A', rdata: data(i), ttl }], client);
  });

test('a name with ever other addresses all over the net', () => {
  expect(seen('fast-flux', turns(FLUX_NETWORKS + 5, 'shop.example.net'))).toEqual(['10.0.0.5 c2 0.5']);
});

test('near misses: one network fewer, one network, long lives, a name that many ask for, an everyday name', () => {
  expect(seen('fast-flux', turns(FLUX_NETWORKS - 1, 'shop.example.net'))).toEqual([]);
  expect(seen('fast-flux', turns(40, 'shop.example.net', { data: (i) => `198.51.100.${i}` }))).toEqual([]);
  expect(seen('fast-flux', turns(40, 'shop.example.net', { ttl: SHORT_TTL_SECONDS + 1 }))).toEqual([]);
  const others = times(3, (i) => turns(1, 'www.example.net', { client: `10.0.1.${i}` })).flat();
  expect(seen('fast-flux', [...others, ...turns(40, 'shop.example.net')])).toEqual([]);
  expect(seen('fast-flux', turns(40, 'pool.ntp.org'))).toEqual([]);
});
