import { expect, test } from 'vitest';
import { SHARE_HOSTS, SHARE_REFUSALS, SHARE_WINDOW_US } from '../../src/detect/admin-share.ts';
import { seen, times } from './records.ts';
import { smb } from './windows-records.ts';

const connect = (i: number, share: string, status = 'STATUS_SUCCESS', step = 10) =>
  smb({ command: 'SMB2_COMMAND_TREE_CONNECT', status, share: `\\\\host\\${share}` }, i * step, {
    dest_ip: `10.0.0.${100 + i}`,
  });

test("several machines' administrative shares, and many refusals at one", () => {
  expect(
    seen(
      'admin-share',
      times(SHARE_HOSTS + 2, (i) => connect(i, 'ADMIN$')),
    ),
  ).toEqual(['10.0.0.5 spread 0.6']);
  const refused = times(SHARE_REFUSALS + 2, (i) => ({
    ...connect(i, 'C$', 'STATUS_ACCESS_DENIED'),
    dest_ip: '10.0.0.9',
  }));
  expect(seen('admin-share', refused)).toEqual(['10.0.0.5 spread 0.5']);
});

test('near misses: one machine fewer, one again and again, ordinary shares, too slowly, one refusal fewer', () => {
  expect(
    seen(
      'admin-share',
      times(SHARE_HOSTS - 1, (i) => connect(i, 'ADMIN$')),
    ),
  ).toEqual([]);
  expect(
    seen(
      'admin-share',
      times(50, (i) => ({ ...connect(i, 'C$'), dest_ip: '10.0.0.9' })),
    ),
  ).toEqual([]);
  expect(
    seen(
      'admin-share',
      times(50, (i) => connect(i, i % 2 ? 'Users' : 'IPC$')),
    ),
  ).toEqual([]);
  expect(
    seen(
      'admin-share',
      times(50, (i) => connect(i, 'C$', 'STATUS_SUCCESS', SHARE_WINDOW_US / 1e6)),
    ),
  ).toEqual([]);
  const refused = times(SHARE_REFUSALS - 1, (i) => ({
    ...connect(i, 'C$', 'STATUS_ACCESS_DENIED'),
    dest_ip: '10.0.0.9',
  }));
  expect(seen('admin-share', refused)).toEqual([]);
});
