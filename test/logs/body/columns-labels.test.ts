import { expect, test } from 'vitest';
import { readColumns } from '../../../src/logs/body/columns.ts';
import { newFields } from '../../../src/logs/body/fields.ts';
import { readLabels } from '../../../src/logs/body/labels.ts';

test.each([
  ['comma' as const, 'a,,"b,c ""d""",e', ['a', '', 'b,c "d"', 'e']],
  ['comma' as const, 'a,"never closed, x', ['a', 'never closed, x']],
  ['comma' as const, '', ['']],
  ['comma' as const, 'a,"b"', ['a', 'b']],
  ['tab' as const, 'a\t\tb c', ['a', '', 'b c']],
  ['space' as const, 'a   b c ', ['a', 'b', 'c']],
  ['bar' as const, 'a|b,c|', ['a', 'b,c', '']],
])('%s: %s', (separator, text, columns) => {
  expect(readColumns(text, separator)).toEqual(columns);
});

test('columns without end are bounded', () => {
  expect(readColumns(','.repeat(100_000), 'comma').length).toBe(256);
});

test('the last value of a label counts, up to two spaces, a tab or a line end', () => {
  const read = (text: string, labels: Record<string, string>) => {
    const fields = newFields();
    readLabels(text, labels, fields);
    return { ...fields };
  };
  const text = 'Subject:  Account Name:  DC1$   Target:  Account Name:  al ice\tx  Port:\r\n';
  expect(read(text, { 'Account Name': 'user', Port: 'sourcePort', Missing: 'file' })).toEqual({ user: 'al ice' });
});
