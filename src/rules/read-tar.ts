// A rule tarball's bytes -> the rule files in it. Names that climb out, links, bombs and floods of files are refused;
// nothing is written anywhere.
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { MssError, messageOf } from '../errors.ts';
import type { RuleText } from './rule-file.ts';

const MAX_FILES = 10_000;
const MAX_FILE_BYTES = 64 << 20;
const MAX_TOTAL_BYTES = 256 << 20;

/**
 * Reads the `*.rules` files of a tar archive, gzip or not. Other ordinary files are passed over.
 * @param name what to call the archive in errors
 * @throws MssError `input` for an archive that is damaged or refused; nothing of it is used then
 */
export async function readRuleTar(bytes: Uint8Array, name: string): Promise<RuleText[]> {
  const found: RuleText[] = [];
  const refuse = (why: string) => new MssError('input', `${name}: refused: ${why}`);
  let files = 0;
  let totalBytes = 0;
  const archive = extract();
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
      const gunzip = createGunzip();
      gunzip.on('error', (error) => archive.destroy(error));
      gunzip.pipe(archive);
      gunzip.end(bytes);
    } else archive.end(bytes);
    for await (const entry of archive) {
      const { name: path, type, size = 0 } = entry.header;
      if (++files > MAX_FILES) throw refuse(`more than ${MAX_FILES} entries`);
      if (path.startsWith('/') || path.split('/').includes('..')) throw refuse(`"${path}" leads out of the archive`);
      if (type !== 'file' && type !== 'directory') throw refuse(`"${path}" is a ${type}, not a file`);
      totalBytes += size;
      if (size > MAX_FILE_BYTES) throw refuse(`"${path}" has ${size} bytes; ${MAX_FILE_BYTES} is the most`);
      if (totalBytes > MAX_TOTAL_BYTES) throw refuse(`it unpacks to more than ${MAX_TOTAL_BYTES} bytes`);
      if (type === 'directory' || !path.endsWith('.rules')) {
        entry.resume();
        continue;
      }
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry) chunks.push(chunk as Uint8Array);
      found.push({ file: path.slice(path.lastIndexOf('/') + 1), text: Buffer.concat(chunks).toString('utf8') });
    }
  } catch (cause) {
    if (cause instanceof MssError) throw cause;
    throw new MssError('input', `${name}: not a readable tar archive: ${messageOf(cause)}`, { cause });
  }
  if (files === 0) throw new MssError('input', `${name}: not a tar archive, or an empty one`);
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}
