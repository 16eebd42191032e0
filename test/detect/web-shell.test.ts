import { expect, test } from 'vitest';
import { recordOf, seen } from './records.ts';

const page = (url: string, more: object = {}) =>
  recordOf('http', { url, http_method: 'POST', status: 200, ...more }, 0, { dest_ip: '10.0.0.9', dest_port: 80 });

test.each(['/test/antak.aspx', '/uploads/c99.php?act=ls', '/WSO2.php', '/b374k-3.2.3.php', '/cmdjsp.jsp'])(
  'a form sent to %s and answered',
  (url) => {
    expect(seen('web-shell', [page(url)])).toEqual(['10.0.0.9 c2 0.7', '10.0.0.5 spread 0.7']);
  },
);

test('near misses: a page that is not there, one only looked at, names that are like it', () => {
  const missing = page('/c99.php', { status: 404 });
  const looked = page('/antak.aspx', { http_method: 'GET' });
  const alike = ['/antak.html', '/docs/antak.aspx.txt', '/wso-shop.php', '/abc99.php', '/?page=/antak'].map((url) =>
    page(url),
  );
  expect(seen('web-shell', [missing, looked, ...alike])).toEqual([]);
});
