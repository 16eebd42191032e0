import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileTemplate, matchTemplate } from '../../src/logs/template.ts';

const match = (template: string, text: string) => {
  const into: Record<string, string> = {};
  return matchTemplate(compileTemplate(template), text, into) ? into : undefined;
};

test('each kind of field', () => {
  expect(match('port <sourcePort:int>', 'port 22')).toEqual({ sourcePort: '22' });
  expect(match('port <sourcePort:int>', 'port x')).toBeUndefined();
  expect(match('from <source:ip> port', 'from 2001:db8::7 port')).toEqual({ source: '2001:db8::7' });
  expect(match('from <source:ip> port', 'from 999.1.1.1 port')).toBeUndefined();
  expect(match('<source:ip>:<sourcePort:int>', '192.0.2.7:22')).toEqual({ source: '192.0.2.7', sourcePort: '22' });
  expect(match('<user:word> x', 'a b x')).toBeUndefined();
  expect(match('(<user:first>) CMD (<command:text>)', '(root) CMD (a) CMD (b))')).toEqual({
    user: 'root',
    command: 'a) CMD (b)',
  });
  expect(match('for <user:text> from <:word>', 'for x from y from z')).toEqual({ user: 'x from y' });
  expect(match('no fields', 'no fields')).toEqual({});
});

test('fields may have the names of a format of its own where a template says so', () => {
  const into: Record<string, string> = {};
  expect(matchTemplate(compileTemplate('"<cs-method:word> <c.uri:first>"', 'any'), '"GET /a b"', into)).toBe(true);
  expect(into).toEqual({ 'cs-method': 'GET', 'c.uri': '/a b' });
});

test('the whole message has to fit', () => {
  expect(match('port <sourcePort:int>', 'port 22 tail')).toBeUndefined();
  expect(match('port <sourcePort:int> end', 'port 22')).toBeUndefined();
  expect(match('head <user:word>', 'other user')).toBeUndefined();
});

test.each([
  ['<nobody:word>', /no field is called "nobody"/],
  ['<user:regex>', /"regex" is no kind of field/],
  ['<user:word><source:ip>', /nothing tells where <user:word> ends/],
])('%s is refused', (template, message) => {
  expect(() => compileTemplate(template)).toThrow(message);
});

test('what a template was filled with is read back from it', () => {
  const template = compileTemplate('Failed for <user:text> from <source:ip> port <sourcePort:int>');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.ipV4(), fc.nat(65_535), (user, source, port) => {
      const into: Record<string, string> = {};
      expect(matchTemplate(template, `Failed for ${user} from ${source} port ${port}`, into)).toBe(true);
      expect(into).toEqual({ user, source, sourcePort: String(port) });
    }),
  );
});
