// What a virtual machine is made of, as QEMU's arguments. Pure.
import type { Accelerator } from './accelerator.ts';
import { acceleratorArgs } from './accelerator.ts';

export interface MachinePlan {
  accelerator: Accelerator;
  disk: string;
  diskFormat: 'vmdk' | 'qcow2' | 'raw';
  /** pvscsi is what the OVA declares; OVMF does not boot from it, so UEFI is tried on AHCI */
  firmware: 'bios' | 'uefi';
  memoryMb: number;
  /** folder for sockets, serial log and throw-away files */
  runDir: string;
  /** ports of the guest and the host's loopback ports that lead there, of TCP unless they say otherwise */
  forwards: ReadonlyArray<{ guest: number; host: number; protocol?: 'udp' }>;
  /** false: the management network leads to the host's forwards only, never out */
  outbound: boolean;
  /** CD with first-start answers */
  environmentCd?: string;
  /** an empty second disk, in bytes */
  packetDisk?: string;
  /** VNC display number on the loopback (port 5900 + number), for a person to look at */
  vncDisplay?: number;
  /** a host folder given to the guest over 9p, by its tag */
  share?: { path: string; tag: string };
}

export const serialLog = (runDir: string): string => `${runDir}/serial.log`;
export const serialSocket = (runDir: string): string => `${runDir}/serial.sock`;
export const qmpSocket = (runDir: string): string => `${runDir}/qmp.sock`;
/** Frames that are written here appear on the promiscuous interface (see mirror.ts). */
export const mirrorSocket = (runDir: string): string => `${runDir}/mirror.sock`;
/** A second station on the management network: hears every frame of it and may send its own. */
export const wireSocket = (runDir: string): string => `${runDir}/wire.sock`;

export const MANAGEMENT_MAC = '52:54:00:00:00:01';
const OVMF_CODE = '/usr/share/OVMF/OVMF_CODE_4M.fd';

function diskArgs(plan: MachinePlan): string[] {
  const drive = `file=${plan.disk},format=${plan.diskFormat},if=none,id=system,cache=unsafe,snapshot=on`;
  const controller = plan.firmware === 'bios' ? 'pvscsi,id=scsi' : 'ahci,id=sata';
  const attach = plan.firmware === 'bios' ? 'scsi-hd,bus=scsi.0' : 'ide-hd,bus=sata.0';
  const args = ['-device', controller, '-drive', drive, '-device', `${attach},drive=system,bootindex=1`];
  if (plan.packetDisk) {
    const second = plan.firmware === 'bios' ? 'scsi-hd,bus=scsi.0' : 'ide-hd,bus=sata.1';
    args.push('-drive', `file=${plan.packetDisk},format=qcow2,if=none,id=packets,cache=unsafe`);
    args.push('-device', `${second},drive=packets`);
  }
  if (plan.environmentCd) {
    args.push('-drive', `file=${plan.environmentCd},media=cdrom,if=none,id=answers,readonly=on,format=raw`);
    args.push('-device', plan.firmware === 'bios' ? 'ide-cd,drive=answers' : 'ide-cd,bus=sata.2,drive=answers');
  }
  return args;
}

function networkArgs(plan: MachinePlan): string[] {
  const forwards = plan.forwards
    .map(({ guest, host, protocol = 'tcp' }) => `,hostfwd=${protocol}:127.0.0.1:${host}-:${guest}`)
    .join('');
  return [
    '-netdev',
    `user,id=router,restrict=${plan.outbound ? 'off' : 'on'}${forwards}`,
    '-netdev',
    `stream,id=wire,server=on,addr.type=unix,addr.path=${wireSocket(plan.runDir)}`,
    // A hub: what stands outside the machine sees the management network as a neighbour does.
    ...['-netdev', 'hubport,id=hub-router,hubid=0,netdev=router'],
    ...['-netdev', 'hubport,id=hub-wire,hubid=0,netdev=wire'],
    ...['-netdev', 'hubport,id=management,hubid=0'],
    ...['-device', `vmxnet3,netdev=management,mac=${MANAGEMENT_MAC}`],
    '-netdev',
    `stream,id=mirror,server=on,addr.type=unix,addr.path=${mirrorSocket(plan.runDir)}`,
    ...['-device', 'vmxnet3,netdev=mirror,mac=52:54:00:00:00:02'],
  ];
}

/** The complete argument list: two processors, two vmxnet3, a VGA screen, a serial port to a log and a socket, QMP. */
export function planMachineArgs(plan: MachinePlan): string[] {
  const args = [
    ...acceleratorArgs(plan.accelerator),
    ...['-machine', 'pc', '-smp', '2', '-m', `${plan.memoryMb}`, '-nodefaults', '-device', 'VGA'],
    ...['-vnc', plan.vncDisplay === undefined ? 'none' : `127.0.0.1:${plan.vncDisplay}`],
    ...['-device', 'virtio-rng-pci', '-no-reboot', '-rtc', 'base=utc'],
    '-chardev',
    `socket,id=serial,path=${serialSocket(plan.runDir)},server=on,wait=off,logfile=${serialLog(plan.runDir)}`,
    ...['-serial', 'chardev:serial', '-qmp', `unix:${qmpSocket(plan.runDir)},server=on,wait=off`],
    ...diskArgs(plan),
    ...networkArgs(plan),
  ];
  if (plan.firmware === 'uefi') {
    args.push('-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${OVMF_CODE}`);
    args.push('-drive', `if=pflash,unit=1,format=raw,file=${plan.runDir}/uefi-variables.fd`);
  }
  if (plan.share) {
    const { path, tag } = plan.share;
    args.push('-virtfs', `local,path=${path},mount_tag=${tag},security_model=mapped-xattr`);
  }
  return args;
}
