// The pages' own files, read once: a handful of names, nothing else is ever looked up on disk.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'main.js': 'text/javascript; charset=utf-8',
  'style.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

export interface StaticFile {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
  etag: string;
}

/** By request path; `/` is the page itself. Empty when the pages were not built. */
export function readStaticFiles(webDir: string): Map<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  for (const [name, type] of Object.entries(FILES)) {
    const path = join(webDir, name);
    if (!existsSync(path)) continue;
    const bytes = new Uint8Array(readFileSync(path));
    const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
    files.set(name === 'index.html' ? '/' : `/${name}`, { bytes, type, etag });
  }
  return files;
}
