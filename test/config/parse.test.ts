import { expect, test } from 'vitest';
import {
  defaultConfig,
  getKey,
  overrideConfig,
  parseExports,
  parseSensorConfig,
  setKey,
} from '../../src/config/parse.ts';

test('an empty document is the default configuration', () => {
  expect(defaultConfig().capture.snaplen).toBe(65535);
  expect(defaultConfig().ids.homeNet).toContain('10.0.0.0/8');
});

test('a fault names its key path, and the whole document is refused', () => {
  expect(() => parseSensorConfig({ capture: { snaplen: 1 }, ids: { homeNet: ['nonsense'] } })).toThrow(
    /capture\.snaplen.*ids\.homeNet\.0/,
  );
  expect(() => parseSensorConfig({ captur: {} })).toThrow(/captur/);
});

test('settings.sh lays over the configuration and says which keys', () => {
  const exports = parseExports(
    '# x\nexport emailaddress=a@b.example\nexport emailtype="text"\nexport keep_514=1\necho no\n',
  );
  const { config, overridden } = overrideConfig(defaultConfig(), exports);
  expect(config.mail).toMatchObject({ to: 'a@b.example', format: 'text' });
  expect(config.logs.keep514).toBe(true);
  expect(overridden).toEqual(['mail.to', 'mail.format', 'logs.keep514']);
});

test('a key is read and set by its path, with its type', () => {
  const config = setKey(defaultConfig(), 'ids.homeNet', '192.0.2.0/24, 2001:db8::/32');
  expect(getKey(config, 'ids.homeNet')).toEqual(['192.0.2.0/24', '2001:db8::/32']);
  expect(setKey(config, 'logs.enabled', 'no').logs.enabled).toBe(false);
  expect(() => setKey(config, 'capture.snaplen', 'big')).toThrow(/capture\.snaplen/);
  expect(() => setKey(config, 'capture', '1')).toThrow(/group/);
  expect(() => getKey(config, 'capture.nope')).toThrow(/no such key/);
});
