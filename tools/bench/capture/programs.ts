// The programs that capture: ours and four of Debian's, each as it is started for the best it can do, with a ring of
// 256 MiB, and how it says what it stored.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServiceStatus } from '../../../src/api/status.ts';
import { pathsUnder } from '../../../src/paths.ts';
import { repoDir } from '../../shell.ts';

export const PEERS = ['tcpdump', 'dumpcap', 'netsniff', 'stenotype'] as const;
export type ProgramName = 'ours' | (typeof PEERS)[number];

export interface Program {
  name: ProgramName;
  binary: string;
  /** how to ask it to end */
  signal: NodeJS.Signals;
  /** Its arguments to capture from `device` into `dir`, an empty folder. */
  prepare(dir: string, device: string): { args: string[]; env?: Record<string, string> };
  /** Packets it stored, from what it printed until it ended, or from its folder. */
  stored(output: string, dir: string): number | undefined;
}

/** The service itself, with everything under a folder of its own. */
const ours: Program = {
  name: 'ours',
  binary: process.execPath,
  signal: 'SIGTERM',
  prepare(dir, device) {
    const paths = pathsUnder(dir);
    const storage = { kind: 'system', dir: join(dir, 'store'), label: 'bench', totalBytes: 0 };
    for (const one of [paths.statusDir, storage.dir, dirname(paths.settingsFile)]) mkdirSync(one, { recursive: true });
    writeFileSync(paths.settingsFile, `export promiscuous_interface=${device}\n`);
    writeFileSync(paths.storageFile, JSON.stringify(storage));
    return { args: [join(repoDir, 'services/capture/main.ts')], env: { MSS_ROOT: dir } };
  },
  stored: (_, dir) => {
    const status = readFileSync(pathsUnder(dir).statusFile('capture'), 'utf8');
    return (JSON.parse(status) as ServiceStatus).counters.storedPackets;
  },
};

const tcpdump: Program = {
  name: 'tcpdump',
  binary: 'tcpdump',
  signal: 'SIGINT',
  prepare: (dir, device) => ({
    args: ['-i', device, '-n', '-B', '262144', '-Z', 'root', '-w', join(dir, 'packets.pcap')],
  }),
  stored: (output) => findNumber(/(\d+) packets captured/, output),
};

const dumpcap: Program = {
  name: 'dumpcap',
  binary: 'dumpcap',
  signal: 'SIGINT',
  prepare: (dir, device) => ({ args: ['-i', device, '-q', '-B', '256', '-w', join(dir, 'packets.pcapng')] }),
  stored: (output) => findNumber(/received\/dropped on interface [^:]*: (\d+)\//, output),
};

const netsniff: Program = {
  name: 'netsniff',
  binary: 'netsniff-ng',
  signal: 'SIGINT',
  prepare: (dir, device) => ({
    args: ['--in', device, '--out', join(dir, 'packets.pcap'), '--ring-size', '256MiB', '--silent'],
  }),
  stored: (output) => findNumber(/(\d+)\s+packets passed filter/, output),
};

const stenotype: Program = {
  name: 'stenotype',
  binary: 'stenotype',
  signal: 'SIGTERM',
  prepare: (dir, device) => {
    for (const name of ['PKT0', 'IDX0']) mkdirSync(join(dir, name));
    const ring = ['--threads=1', '--blocks=256', '--filesize_mb=256', '--blockage_sec=1'];
    const bare = ['--no_watchdogs', '--seccomp=none', '--uid=root', '--gid=root', '--stats_sec=1', '-v'];
    return { args: [`--iface=${device}`, `--dir=${dir}`, ...ring, ...bare] };
  },
  stored: (output) => findNumber(/.*packets=(\d+)/s, output),
};

export const PROGRAMS: readonly Program[] = [ours, tcpdump, dumpcap, netsniff, stenotype];

function findNumber(line: RegExp, output: string): number | undefined {
  const found = line.exec(output)?.[1];
  return found === undefined ? undefined : Number(found);
}
