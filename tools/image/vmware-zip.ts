// dist/MetaFlows_SensorVM-2.0.zip: the machine for Workstation, Player and Fusion, ready to open.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, distDir, repoDir, run, step } from '../shell.ts';
import { renderTemplate } from './template.ts';
import { makeEmptyVmdk, makeGrowingVmdk } from './vmdk.ts';

// The name that users of the product know; not the release's version.
export const vmwareZip = join(distDir, 'MetaFlows_SensorVM-2.0.zip');
const PACKET_DISK_BYTES = 500 * 1024 ** 3;

export async function makeVmwareZip(sensorDisk: string): Promise<void> {
  await step('dist/MetaFlows_SensorVM-2.0.zip', async () => {
    const folder = join(buildDir, 'vmware');
    rmSync(folder, { recursive: true, force: true });
    rmSync(vmwareZip, { force: true });
    mkdirSync(folder, { recursive: true });
    const names = { SYSTEM_DISK: 'MetaFlows_Sensor-disk1.vmdk', PACKET_DISK: 'MetaFlows_Sensor-disk2.vmdk' };
    await makeGrowingVmdk(sensorDisk, join(folder, names.SYSTEM_DISK));
    await makeEmptyVmdk(join(folder, names.PACKET_DISK), PACKET_DISK_BYTES);
    const template = readFileSync(join(repoDir, 'image', 'sensor.vmx'), 'utf8');
    writeFileSync(join(folder, 'MetaFlows_Sensor.vmx'), renderTemplate(template, names));
    await run('zip', ['-q', vmwareZip, 'MetaFlows_Sensor.vmx', ...Object.values(names)], { cwd: folder });
    rmSync(folder, { recursive: true });
  });
}
