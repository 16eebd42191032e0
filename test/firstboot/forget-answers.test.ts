import { expect, test } from 'vitest';
import { forgetPassword } from '../../src/firstboot/forget-answers.ts';
import type { Run } from '../../src/os/process.ts';

/** A hypervisor's guestinfo, by vmware-rpctool's words. `fixed`: it takes no new values. */
function hypervisor(guestinfo: Map<string, string>, kind = 'vmware', fixed = false): Run {
  return async (command, args) => {
    const done = (stdout: string, code = 0) => ({ code, stdout, stderr: '' });
    if (command === 'systemd-detect-virt') return done(`${kind}\n`);
    const [, verb, name, value] = /^info-(get|set) guestinfo\.(\S+) ?(.*)$/.exec(args[0]) ?? [];
    if (verb === 'set' && !fixed) guestinfo.set(name, value);
    return guestinfo.has(name) ? done(guestinfo.get(name) ?? '') : done('No value found\n', 1);
  };
}

const ENVIRONMENT = '<Environment><Property key="mss.root-password" value="secret"/></Environment>';

test('the password goes out of guestinfo, by itself and inside the OVF environment', async () => {
  const guestinfo = new Map([
    ['mss.root-password', 'secret'],
    ['ovfEnv', ENVIRONMENT],
    ['mss.hostname', 'probe'],
  ]);
  expect(await forgetPassword(hypervisor(guestinfo))).toEqual([]);
  expect([...guestinfo.values()].join()).not.toContain('secret');
  expect(guestinfo.get('mss.hostname')).toBe('probe');
});

test('an environment without a password stays, and other hypervisors are not asked', async () => {
  const harmless = new Map([['ovfEnv', '<Environment/>']]);
  expect(await forgetPassword(hypervisor(harmless))).toEqual([]);
  expect(harmless.get('ovfEnv')).toBe('<Environment/>');
  const kept = new Map([['mss.root-password', 'secret']]);
  expect(await forgetPassword(hypervisor(kept, 'kvm'))).toEqual([]);
  expect(kept.get('mss.root-password')).toBe('secret');
});

test('what cannot be taken out is said, without the password', async () => {
  const said = await forgetPassword(hypervisor(new Map([['ovfEnv', ENVIRONMENT]]), 'vmware', true));
  expect(said).toEqual(['guestinfo.ovfEnv still holds the root password: remove it in the hypervisor']);
});
