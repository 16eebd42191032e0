// The OVA judged by an importer that is not ours: virt-v2v reads the descriptor, checks the manifest, and converts the
// disk for another hypervisor. In software emulation; ten minutes without KVM.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ovaFile, packOva, renderOvfManifest } from '../../tools/image/ova.ts';
import { findProgram, run } from '../../tools/shell.ts';

const NAME = 'MetaFlows_Sensor';
const env = { LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' };
const found = findProgram('virt-v2v') !== undefined;
if (!found) console.warn('the OVA is not judged by virt-v2v: it is not installed');

describe.skipIf(!found)('virt-v2v', () => {
  let folder: string;
  let copy: string;

  /**
   * ESXi makes an empty disk where the descriptor names no file for one; virt-v2v 2.2 refuses that, so it judges a copy
   * without the packet disk, which is the deployment option "small".
   */
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mss-ova-'));
    copy = join(folder, 'copy.ova');
    await run('tar', ['-xf', ovaFile, '-C', folder]);
    const ovf = readFileSync(join(folder, `${NAME}.ovf`), 'utf8')
      .replace(/<Disk ovf:diskId="packets"[^>]*\/>/, '')
      .replace(/<Item ovf:configuration="standard">[\s\S]*?<\/Item>/, '');
    writeFileSync(join(folder, `${NAME}.ovf`), ovf);
    const manifest = readFileSync(join(folder, `${NAME}.mf`), 'utf8').split('\n');
    const own = renderOvfManifest([[`${NAME}.ovf`, createHash('sha256').update(ovf).digest('hex')]]);
    writeFileSync(join(folder, `${NAME}.mf`), [own.trim(), ...manifest.slice(1)].join('\n'));
    await packOva(folder, copy);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('finds the hardware that the descriptor declares', async () => {
    const said = await run('virt-v2v', ['--print-source', '-i', 'ova', copy, '-o', 'null'], { env });
    expect(said).toMatch(/memory: 4294967296/);
    expect(said).toMatch(/nr vCPUs: 2$/m);
    expect(said).toMatch(/firmware: bios/);
    expect(said.match(/^\s+\d+ \[scsi\]/gm)).toHaveLength(1);
    expect(said.match(/\[vmxnet3\]/g)).toHaveLength(2);
  });

  test('holds the manifest against the files', async () => {
    const damaged = join(folder, 'damaged.ova');
    const ovf = readFileSync(join(folder, `${NAME}.ovf`), 'utf8');
    writeFileSync(join(folder, `${NAME}.ovf`), `${ovf}<!-- changed -->\n`);
    await packOva(folder, damaged);
    await expect(run('virt-v2v', ['--print-source', '-i', 'ova', damaged, '-o', 'null'], { env })).rejects.toThrow(
      /checksum/,
    );
    rmSync(damaged);
  });

  test('converts the system inside', async () => {
    const said = await run('virt-v2v', ['-i', 'ova', copy, '-o', 'null'], { env, timeoutMs: 30 * 60_000 });
    expect(said).toMatch(/Converting 13(\.\d+)? to run on KVM/);
    expect(said).toContain('Finishing off');
  });
});
