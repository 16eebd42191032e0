// A bootable disk (BIOS and UEFI) out of a root folder, without loop devices or mounts: GPT with a BIOS boot partition
// for GRUB's core image, an EFI system partition, and one ext4 root.
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { MssError } from '../../src/errors.ts';
import { repoDir, run } from '../shell.ts';

const MIB = 1024 * 1024;
const SECTOR = 512;
const CORE_START = 1 * MIB;
const CORE_BYTES = 1 * MIB;
const ESP_START = 2 * MIB;
const ESP_BYTES = 16 * MIB;
const ROOT_START = ESP_START + ESP_BYTES;
// 1 MiB at the end for the second copy of the partition table.
const END_BYTES = 1 * MIB;

const GRUB_MODULES =
  'part_gpt ext2 fat search search_label normal linux configfile echo serial terminal test sleep reboot true'.split(
    ' ',
  );

/** sfdisk(8) script of the layout. */
export function renderLayout(): string {
  const mib = (bytes: number) => `${bytes / MIB}MiB`;
  return [
    'label: gpt',
    `start=${mib(CORE_START)}, size=${mib(CORE_BYTES)}, type=21686148-6449-6E6F-744E-656564454649`,
    `start=${mib(ESP_START)}, size=${mib(ESP_BYTES)}, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B`,
    `start=${mib(ROOT_START)}, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, name=root`,
    '',
  ].join('\n');
}

/**
 * GRUB's boot sector and core image, made to find one another: what grub-bios-setup writes (grub 2.12,
 * include/grub/i386/pc/boot.h: kernel sector at 0x5c, drive check at 0x66; kernel.h: block list at 0x1f4).
 * @returns the first 440 bytes of the disk, and the core image for the BIOS boot partition
 */
export function patchGrub(bootImage: Buffer, coreImage: Buffer): { boot: Buffer; core: Buffer } {
  if (coreImage.length > CORE_BYTES) {
    throw new MssError(
      'input',
      `GRUB's core image has ${coreImage.length} bytes, the BIOS boot partition ${CORE_BYTES}`,
    );
  }
  const boot = Buffer.from(bootImage.subarray(0, 440));
  const core = Buffer.from(coreImage);
  const first = CORE_START / SECTOR;
  boot.writeBigUInt64LE(BigInt(first), 0x5c);
  // Trust the drive number that the BIOS passes, as grub-bios-setup does.
  boot.writeUInt16LE(0x9090, 0x66);
  core.writeBigUInt64LE(BigInt(first + 1), 0x1f4);
  core.writeUInt16LE(Math.ceil(core.length / SECTOR) - 1, 0x1f4 + 8);
  core.writeUInt16LE(0x820, 0x1f4 + 10);
  return { boot, core };
}

async function makeGrub(root: string, workDir: string): Promise<{ boot: Buffer; core: Buffer }> {
  copyFileSync(join(repoDir, 'image/base/early.cfg'), join(root, 'boot/early.cfg'));
  const image = (format: string, out: string, extra: string[]) =>
    run('chroot', [
      root,
      'grub-mkimage',
      '-O',
      format,
      '-o',
      `/boot/${out}`,
      '-p',
      '/boot/grub',
      '-c',
      '/boot/early.cfg',
      ...extra,
      ...GRUB_MODULES,
    ]);
  await image('i386-pc', 'core.img', ['biosdisk']);
  await image('x86_64-efi', 'BOOTX64.EFI', ['efi_gop']);
  copyFileSync(join(root, 'boot/BOOTX64.EFI'), join(workDir, 'BOOTX64.EFI'));
  const parts = patchGrub(
    readFileSync(join(root, 'usr/lib/grub/i386-pc/boot.img')),
    readFileSync(join(root, 'boot/core.img')),
  );
  for (const name of ['boot/early.cfg', 'boot/core.img', 'boot/BOOTX64.EFI', 'usr/lib/grub']) {
    rmSync(join(root, name), { recursive: true });
  }
  mkdirSync(join(root, 'boot/grub'), { recursive: true });
  copyFileSync(join(repoDir, 'image/base/grub.cfg'), join(root, 'boot/grub/grub.cfg'));
  writeFileSync(join(root, 'etc/fstab'), 'LABEL=root / ext4 rw,discard,noatime,errors=remount-ro 0 1\n');
  return parts;
}

/** Makes `qcow2` of `diskBytes` (whole MiB) from `root`, which it changes: GRUB's files go, fstab and grub.cfg come. */
export async function makeDisk(root: string, qcow2: string, diskBytes: number, workDir: string): Promise<void> {
  mkdirSync(workDir, { recursive: true });
  const raw = join(workDir, 'disk.raw');
  const esp = join(workDir, 'esp.raw');
  const { boot, core } = await makeGrub(root, workDir);

  writeFileSync(raw, '');
  truncateSync(raw, diskBytes);
  await run('sfdisk', ['-q', raw], { input: renderLayout() });

  writeFileSync(esp, '');
  truncateSync(esp, ESP_BYTES);
  await run('mkfs.vfat', ['-n', 'ESP', esp]);
  await run('mmd', ['-i', esp, '::/EFI', '::/EFI/BOOT']);
  await run('mcopy', ['-i', esp, join(workDir, 'BOOTX64.EFI'), '::/EFI/BOOT/']);

  const rootKiB = (diskBytes - ROOT_START - END_BYTES) / 1024;
  await run('mke2fs', [
    '-q',
    '-t',
    'ext4',
    '-L',
    'root',
    '-m',
    '1',
    '-d',
    root,
    '-E',
    `offset=${ROOT_START},nodiscard`,
    raw,
    `${rootKiB}k`,
  ]);

  const disk = openSync(raw, 'r+');
  writeSync(disk, boot, 0, boot.length, 0);
  writeSync(disk, core, 0, core.length, CORE_START);
  const espImage = readFileSync(esp);
  writeSync(disk, espImage, 0, espImage.length, ESP_START);
  closeSync(disk);

  await run('qemu-img', ['convert', '-O', 'qcow2', raw, qcow2]);
  rmSync(workDir, { recursive: true });
}
