// The part of suricata.yaml that keeps files: each once, under its SHA-256, in a folder by its first two digits.
import type { FileStore } from './plan-engine.ts';

/** @param quote puts a text between quotation marks, and refuses what cannot stand there */
export function renderFileStore(store: FileStore | undefined, quote: (text: string) => string): string {
  // named even so: without it the engine warns of each rule that would keep a file
  if (store === undefined) return '  - file-store:\n      version: 2\n      enabled: no\n';
  return `  - file-store:
      version: 2
      enabled: yes
      dir: ${quote(store.dir)}
      write-fileinfo: no
      stream-depth: ${store.maxBytes}
      force-filestore: ${store.all ? 'yes' : 'no'}
      force-hash: [sha256]
`;
}
