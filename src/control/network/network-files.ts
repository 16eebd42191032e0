// The files that a network setting consists of: written together, remembered together, put back together.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Management } from '../../api/management.ts';
import { writeFileAtomic } from '../../os/atomic-file.ts';
import type { Paths } from '../../paths.ts';
import { renderHosts, renderListening, renderListeningSet, renderManagement } from './render-network.ts';

/** A file as it was or shall be; `null`: it is not there. */
export interface FileState {
  file: string;
  text: string | null;
}

const read = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** What `settings` make of the files. */
export function planFiles({ root, managementFile }: Paths, settings: Management): FileState[] {
  const hosts = `${root}/etc/hosts`;
  return [
    { file: `${root}/etc/systemd/network/10-mss-management.network`, text: renderManagement(settings) },
    { file: `${root}/etc/systemd/network/11-mss-listening.network`, text: renderListening(settings.interface) },
    { file: `${root}/etc/nftables.d/mss-listening.nft`, text: renderListeningSet(settings.interface) },
    { file: hosts, text: renderHosts(read(hosts) ?? '127.0.0.1 localhost\n::1 localhost\n', settings.hostName) },
    { file: `${root}/etc/hostname`, text: `${settings.hostName}\n` },
    { file: managementFile, text: `${JSON.stringify(settings, null, 2)}\n` },
  ];
}

/** The same files as they are now. */
export const rememberFiles = (files: readonly FileState[]): FileState[] =>
  files.map(({ file }) => ({ file, text: read(file) }));

/** @throws MssError 'io' */
export function writeFiles(files: readonly FileState[]): void {
  for (const { file, text } of files) {
    if (text === null) {
      rmSync(file, { force: true });
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileAtomic(file, text, { mode: 0o644 }); // networkd is not root and has to read it
  }
}
