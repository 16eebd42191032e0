// A store on a full disk: a refused segment leaves neither a file nor a descriptor behind, however often it is tried.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createSegment } from '../../src/store/segment-files.ts';
import { renderSegmentHeader } from '../../src/store/segment-header.ts';

const dir = mkdtempSync(join(tmpdir(), 'mss-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]).status === 0;
if (!mounted) process.stderr.write('a full disk is not tested: mounting a tmpfs needs root\n');
afterAll(() => {
  if (mounted) spawnSync('umount', [dir]);
  rmSync(dir, { recursive: true, force: true });
});

test.skipIf(!mounted)('refused with its reason, and taken once there is room', () => {
  const filler = join(dir, 'filler');
  const fd = openSync(filler, 'w');
  try {
    for (;;) writeSync(fd, Buffer.alloc(4096));
  } catch {
    closeSync(fd);
  }
  const header = renderSegmentHeader([{ linkType: 1 }]);
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  for (let tries = 0; tries < 5; tries++) expect(() => createSegment(dir, header)).toThrow(/cannot write to .*ENOSPC/);
  expect(open()).toBe(before);
  expect(readdirSync(dir)).toEqual(['filler']);
  rmSync(filler);
  const segment = createSegment(dir, header);
  expect(segment.number).toBe(1);
  closeSync(segment.fd);
});
