import { expect, test } from 'vitest';
import { seen } from './records.ts';
import { smb } from './windows-records.ts';

const open = (filename: string) => smb({ command: 'SMB2_COMMAND_CREATE', filename });
const both = ['10.0.0.9 c2 0.8', '10.0.0.5 spread 0.8'];

test.each(['__1506613937.95', 'Windows\\__output', 'PSEXESVC-PC7-2412-stdin', 'RemCom_communicaton', 'ahexec_stdin'])(
  'output or a pipe of a remote command line: %s',
  (name) => {
    expect(seen('remote-shell', [open(name)])).toEqual(both);
  },
);

test('near misses: documents and system pipes', () => {
  const harmless = [
    '__init__.py',
    'report_1506613937.95',
    'output',
    'svcctl',
    'PSEXESVC.exe',
    'srvsvc',
    '<share_root>',
  ];
  expect(seen('remote-shell', harmless.map(open))).toEqual([]);
});
