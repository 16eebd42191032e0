// What `systemctl show` prints of several units.
import { expect, test } from 'vitest';
import { parseUnitStates } from '../../src/os/systemd.ts';

test('blocks, one a unit, in any order of keys; a unit that systemd does not know is not loaded', () => {
  const text = `Result=watchdog
NRestarts=3
MainPID=812
Id=mss-ids.service
LoadState=loaded
ActiveState=activating
SubState=auto-restart

Id=mss-none.service
LoadState=not-found
ActiveState=inactive
SubState=dead
`;
  expect(parseUnitStates(text)).toEqual([
    {
      unit: 'mss-ids.service',
      loaded: true,
      active: 'activating',
      sub: 'auto-restart',
      restarts: 3,
      result: 'watchdog',
      mainPid: 812,
    },
    {
      unit: 'mss-none.service',
      loaded: false,
      active: 'inactive',
      sub: 'dead',
      restarts: 0,
      result: 'success',
      mainPid: 0,
    },
  ]);
  expect(parseUnitStates('')).toEqual([]);
});
