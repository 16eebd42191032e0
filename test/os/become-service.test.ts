// Root that becomes another user: in a process of its own, since there is no way back.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parseMemberships } from '../../src/os/unix-names.ts';

test('memberships are those of the name itself', () => {
  const text = 'root:x:0:\nmss:x:990:mss-ids,mss-portal\nmss-packets:x:989:mss-capture,mss-ids\nother:x:7:mss-ids2\n';
  expect(parseMemberships(text, 'mss-ids')).toEqual([990, 989]);
  expect(parseMemberships(text, 'mss')).toEqual([]);
});

// only root may become another user
test.runIf(process.getuid?.() === 0)('as that user there is no way to what is root’s, and none back', () => {
  const script = `import { becomeUser } from ${JSON.stringify(resolve('src/os/become-service.ts'))};
    import { readFileSync } from 'node:fs';
    const fails = (work) => { try { work(); return false; } catch (error) { return error.code; } };
    becomeUser('daemon');
    console.log(JSON.stringify([process.getuid(), process.getgroups(), fails(() => readFileSync('/etc/shadow')), fails(() => process.setuid(0))]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect([stderr, JSON.parse(stdout)]).toEqual(['', [1, [1], 'EACCES', 'EPERM']]);
});
