// Which place the packet log goes to, and what is never touched.
import { describe, expect, test } from 'vitest';
import { parseDisks } from '../../../src/control/storage/disks.ts';
import { planStorage, type StorageSources } from '../../../src/control/storage/plan-storage.ts';

/** As `lsblk -J -b` prints it. */
const lsblk = (...devices: object[]) => JSON.stringify({ blockdevices: devices });
const device = (path: string, size: number, more: object = {}) => ({
  path,
  type: 'disk',
  size,
  ro: false,
  rm: false,
  fstype: null,
  label: null,
  mountpoints: [null],
  ...more,
});
const part = (path: string, more: object = {}) => device(path, 8e9, { type: 'part', ...more });
const root = device('/dev/sda', 10e9, {
  children: [part('/dev/sda1', { fstype: 'vfat' }), part('/dev/sda2', { fstype: 'ext4', mountpoints: ['/'] })],
});
const cdrom = device('/dev/sr0', 1e9, { type: 'rom', rm: true });

const sources = (disks: object[], more: Partial<StorageSources> = {}): StorageSources => ({
  appliance: true,
  virtual: true,
  hgfsShares: [],
  virtiofsTags: [],
  ninePTags: [],
  disks: parseDisks(lsblk(...disks)),
  blank: [],
  system: { totalBytes: 100 * 2 ** 30, freeBytes: 90 * 2 ** 30, packetBytes: 0 },
  ...more,
});
const kinds = (from: StorageSources) => planStorage(from).candidates.map(({ kind }) => kind);

test('shares come before disks, disks before the system disk', () => {
  const all = sources([root, device('/dev/sdb', 500e9)], {
    blank: ['/dev/sdb'],
    hgfsShares: ['photos', 'nsm'],
    virtiofsTags: ['host'],
    ninePTags: ['packets'],
  });
  expect(kinds(all)).toEqual(['vmhgfs', 'vmhgfs', 'virtiofs', '9p', 'disk', 'system']);
  expect(planStorage(all).candidates[0]).toEqual({ kind: 'vmhgfs', share: 'nsm' });
});

test('our own disk is found again by its label, on a disk or a partition, and never formatted', () => {
  const labelled = { fstype: 'ext4', label: 'MSS-PACKETS' };
  for (const disk of [
    device('/dev/sdb', 500e9, labelled),
    device('/dev/sdb', 500e9, { children: [part('/dev/sdb1', labelled)] }),
  ]) {
    expect(planStorage(sources([root, disk], { appliance: false, virtual: false })).candidates[0]).toMatchObject({
      kind: 'disk',
      device: 'children' in disk ? '/dev/sdb1' : '/dev/sdb',
      format: 'no',
    });
  }
});

describe('a blank second disk is formatted only when it can be nobody else’s', () => {
  const blank = device('/dev/sdb', 500e9);

  test('on our image in a virtual machine, as the only second disk', () => {
    expect(planStorage(sources([root, blank, cdrom], { blank: ['/dev/sdb'] })).candidates[0]).toEqual({
      kind: 'disk',
      device: '/dev/sdb',
      sizeBytes: 500e9,
      format: 'blank',
    });
  });

  test.each([
    ['not our image', [root, blank], { appliance: false }],
    ['real hardware', [root, blank], { virtual: false }],
    ['two of them', [root, blank, device('/dev/sdc', 500e9)], {}],
    ['another disk with something on it', [root, blank, device('/dev/sdc', 500e9, { fstype: 'ntfs' })], {}],
    ['a mounted one beside it', [root, blank, device('/dev/sdc', 500e9, { mountpoints: ['/data'] })], {}],
  ])('%s: left alone, and said', (_why, disks, more) => {
    const plan = planStorage(sources(disks, { blank: ['/dev/sdb', '/dev/sdc'], ...more }));
    expect(plan.candidates.map(({ kind }) => kind)).toEqual(['system']);
    expect(plan.notes.join()).toContain('/dev/sdb is empty but not known');
  });

  test.each([
    ['a signature', device('/dev/sdb', 500e9, { fstype: 'LVM2_member' })],
    ['a partition table', device('/dev/sdb', 500e9, { children: [part('/dev/sdb1')] })],
    ['bytes that no tool knows', device('/dev/sdb', 500e9)],
  ])('%s on it: left alone, and said', (_why, disk) => {
    const plan = planStorage(sources([root, disk], { blank: [] }));
    expect(plan.candidates.map(({ kind }) => kind)).toEqual(['system']);
    expect(plan.notes).toEqual(['/dev/sdb is not empty and is left alone']);
  });

  test('too small, removable or read-only disks are none', () => {
    for (const disk of [
      device('/dev/sdb', 64e6),
      device('/dev/sdb', 500e9, { rm: true }),
      device('/dev/sdb', 500e9, { ro: true }),
      device('/dev/zram0', 500e9),
    ]) {
      expect(kinds(sources([root, disk], { blank: ['/dev/sdb', '/dev/zram0'] }))).toEqual(['system']);
    }
  });
});

describe('a device that a person typed', () => {
  const used = device('/dev/sdb', 500e9, { fstype: 'ntfs' });

  test('is formatted whatever is on it', () => {
    expect(planStorage(sources([root, used], { appliance: false }), '/dev/sdb').candidates[0]).toEqual({
      kind: 'disk',
      device: '/dev/sdb',
      sizeBytes: 500e9,
      format: 'typed',
    });
  });

  test.each([
    ['/dev/sda', /in use/],
    ['/dev/sda2', /in use/],
    ['/dev/sdz', /there is no \/dev\/sdz; disks are \/dev\/sda, \/dev\/sdb/],
    ['/dev/sr0', /no disk/],
  ])('%s is refused', (path, reason) => {
    expect(() => planStorage(sources([root, used, cdrom]), path)).toThrow(reason);
  });
});

test('the system disk keeps a fifth of itself free, and never less than 4 GiB', () => {
  const GiB = 2 ** 30;
  const totalOf = (system: StorageSources['system']) => planStorage(sources([root], { system })).candidates[0];
  expect(totalOf({ totalBytes: 100 * GiB, freeBytes: 50 * GiB, packetBytes: 0 })).toMatchObject({
    totalBytes: 30 * GiB,
  });
  expect(totalOf({ totalBytes: 10 * GiB, freeBytes: 7 * GiB, packetBytes: 0 })).toMatchObject({ totalBytes: 3 * GiB });
  // packets that are there already are part of what packets may have
  expect(totalOf({ totalBytes: 10 * GiB, freeBytes: 4 * GiB, packetBytes: 3 * GiB })).toMatchObject({
    totalBytes: 3 * GiB,
  });
  expect(totalOf({ totalBytes: 4 * GiB, freeBytes: 1 * GiB, packetBytes: 0 })).toMatchObject({ totalBytes: 0 });
});

test('what is not lsblk’s JSON is refused', () => {
  expect(() => parseDisks('{"blockdevices": [{}]}')).toThrow(/lsblk/);
  // a list instead of a tree would make the system disk look unused
  expect(() => parseDisks(lsblk(device('/dev/sda', 10e9), part('/dev/sda2', { mountpoints: ['/'] })))).toThrow(/lsblk/);
});
