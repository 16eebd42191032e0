import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDecoder } from '../../src/logs/decoder.ts';
import { parseLogRuleFile } from '../../src/logs/sigma/rule/parse-file.ts';
import { parseLogSources } from '../../src/logs/sigma/source/log-source.ts';
import { renderPlainData } from '../../tools/release/plain-data.ts';

const read = (path: string) => readFileSync(`services/syslog-x/${path}`, 'utf8');
const isJson = (text: string) => text.split('\n---\n').every((part) => typeof JSON.parse(part) === 'object');

test('a decoder says the same as the YAML it was written in', () => {
  const yaml = read('decoders/sshd.yaml');
  const plain = renderPlainData(yaml);
  expect(isJson(plain)).toBe(true);
  expect(parseDecoder(plain, 'sshd')).toEqual(parseDecoder(yaml, 'sshd'));
});

test('the log sources, too', () => {
  const yaml = read('sigma/log-sources.yaml');
  expect(parseLogSources(renderPlainData(yaml), 'x')).toEqual(parseLogSources(yaml, 'x'));
});

test('a file of several rules keeps them all, each with its line', () => {
  const yaml = read('sigma/rules/accounts.yml');
  const rulesOf = (text: string) => parseLogRuleFile({ file: 'accounts.yml', text }, new Map());
  const [written, plain] = [rulesOf(yaml), rulesOf(renderPlainData(yaml))];
  expect(plain.broken).toEqual([]);
  expect(plain.rules.length).toBeGreaterThan(1);
  expect(plain.rules.map(({ line, ...rule }) => rule)).toEqual(written.rules.map(({ line, ...rule }) => rule));
  expect(plain.rules.map(({ line }) => line)).toEqual(plain.rules.map((_rule, at) => 1 + 2 * at));
});

test('what is no YAML does not get into a release', () => {
  expect(() => renderPlainData('a: [1')).toThrow();
});
