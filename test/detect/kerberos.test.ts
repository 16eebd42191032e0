import { expect, test } from 'vitest';
import { KERBEROS_WINDOW_US, ROASTED_SERVICES, SPRAYED_ACCOUNTS, TRIED_NAMES } from '../../src/detect/kerberos.ts';
import { recordOf, seen, times } from './records.ts';

const krb5 = (part: object, seconds = 0) => recordOf('krb5', part, seconds, { dest_ip: '10.0.0.88', dest_port: 88 });
const ticket = (i: number, encryption: string, sname = `MSSQL/db${i}.site`, step = 1) =>
  krb5({ msg_type: 'KRB_TGS_REP', sname, encryption }, i * step);
const refused = (i: number, error_code: string, cname = `user${i}`) =>
  krb5({ msg_type: 'KRB_ERROR', error_code, cname }, i);

test('tickets of many services in a weak cipher', () => {
  expect(
    seen(
      'kerberos',
      times(ROASTED_SERVICES + 3, (i) => ticket(i, 'rc4-hmac')),
    ),
  ).toEqual(['10.0.0.5 prepare 0.7']);
});

test('near misses of that: one fewer, a strong cipher, machines, one service, too slowly', () => {
  expect(
    seen(
      'kerberos',
      times(ROASTED_SERVICES - 1, (i) => ticket(i, 'rc4-hmac')),
    ),
  ).toEqual([]);
  expect(
    seen(
      'kerberos',
      times(30, (i) => ticket(i, 'aes256-cts-hmac-sha1-96')),
    ),
  ).toEqual([]);
  expect(
    seen(
      'kerberos',
      times(30, (i) => ticket(i, 'rc4-hmac', `pc${i}$`)),
    ),
  ).toEqual([]);
  expect(
    seen(
      'kerberos',
      times(30, (i) => ticket(i, 'rc4-hmac', 'MSSQL/db.site')),
    ),
  ).toEqual([]);
  const slow = KERBEROS_WINDOW_US / 1e6;
  expect(
    seen(
      'kerberos',
      times(30, (i) => ticket(i, 'rc4-hmac', `MSSQL/db${i}.site`, slow)),
    ),
  ).toEqual([]);
});

test('a login answered in a weak cipher, and in a strong one', () => {
  const login = (encryption: string) => [krb5({ msg_type: 'KRB_AS_REP', cname: 'ada', encryption })];
  expect(seen('kerberos', login('rc4-hmac'))).toEqual(['10.0.0.5 prepare 0.3']);
  const both = [...login('aes256-cts-hmac-sha1-96'), ...login('rc4-hmac')];
  expect(seen('kerberos', both)).toEqual(['10.0.0.5 prepare 0.5']);
  expect(seen('kerberos', login('aes256-cts-hmac-sha1-96'))).toEqual([]);
});

test('names tried out, and one password for many accounts; near misses: one fewer, one account', () => {
  const unknown = (count: number) => times(count, (i) => refused(i, 'KDC_ERR_C_PRINCIPAL_UNKNOWN'));
  expect(seen('kerberos', unknown(TRIED_NAMES))).toEqual(['10.0.0.5 prepare 0.6']);
  expect(seen('kerberos', unknown(TRIED_NAMES - 1))).toEqual([]);
  const wrong = (count: number, cname?: string) => times(count, (i) => refused(i, 'KDC_ERR_PREAUTH_FAILED', cname));
  expect(seen('kerberos', wrong(SPRAYED_ACCOUNTS))).toEqual(['10.0.0.88 exploit 0.6', '10.0.0.5 spread 0.7']);
  expect(seen('kerberos', wrong(SPRAYED_ACCOUNTS - 1))).toEqual([]);
  expect(seen('kerberos', wrong(50, 'ada'))).toEqual([]);
});
