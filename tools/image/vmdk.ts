// The disk in VMware's form for transport: streamOptimized (VMware Virtual Disk Format 1.1).
import { closeSync, openSync, readSync } from 'node:fs';
import { MssError } from '../../src/errors.ts';
import { run } from '../shell.ts';

const MAGIC = 0x564d444b; // "KDMV"
const SECTOR = 512;

/** Capacity in bytes out of a sparse extent's header: sectors at byte 12. */
export function parseVmdkCapacity(header: Buffer): number {
  if (header.length < 20 || header.readUInt32LE(0) !== MAGIC) {
    throw new MssError('input', 'not a sparse VMDK: its header does not begin with KDMV');
  }
  return Number(header.readBigUInt64LE(12)) * SECTOR;
}

export function readVmdkCapacity(path: string): number {
  const header = Buffer.alloc(SECTOR);
  const file = openSync(path, 'r');
  readSync(file, header, 0, SECTOR, 0);
  closeSync(file);
  return parseVmdkCapacity(header);
}

export async function makeStreamVmdk(qcow2: string, vmdk: string): Promise<void> {
  const options = 'subformat=streamOptimized,adapter_type=lsilogic,hwversion=13';
  await run('qemu-img', ['convert', '-m', '2', '-W', '-O', 'vmdk', '-o', options, qcow2, vmdk]);
  // `check` misses a corrupt grain; reading the disk through does not.
  await run('qemu-img', ['compare', '-q', qcow2, vmdk]);
}

/** Workstation and Player run from this one, growing; they cannot write to a stream. */
export async function makeGrowingVmdk(source: string, vmdk: string): Promise<void> {
  const options = 'subformat=monolithicSparse,adapter_type=lsilogic,hwversion=13';
  await run('qemu-img', ['convert', '-O', 'vmdk', '-o', options, source, vmdk]);
}

export async function makeEmptyVmdk(vmdk: string, bytes: number): Promise<void> {
  await run('qemu-img', ['create', '-q', '-f', 'vmdk', '-o', 'adapter_type=lsilogic,hwversion=13', vmdk, `${bytes}`]);
}
