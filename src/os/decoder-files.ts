// The decoders that come with the release: YAML files beside the syslog-x service.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MssError, messageOf } from '../errors.ts';
import { type Decoder, parseDecoder } from '../logs/decoder.ts';

/**
 * Where they lie: services/syslog-x/decoders in a checkout, decoders/ in a release.
 * @param importer the `import.meta.url` of a file under services/, or of its bundle
 */
export function decodersDir(importer: string): string {
  const services = importer.lastIndexOf('/services/');
  if (importer.endsWith('.ts')) {
    return fileURLToPath(new URL('services/syslog-x/decoders/', importer.slice(0, services + 1)));
  }
  return fileURLToPath(new URL(services === -1 ? './decoders/' : '../decoders/', importer));
}

/**
 * Reads and compiles every decoder of a folder, in the order of their names.
 * @throws MssError 'io' when the folder cannot be read, 'input' naming the file that is no decoder
 */
export function loadDecoders(dir: string): Decoder[] {
  let names: string[];
  try {
    names = readdirSync(dir).filter((name) => name.endsWith('.yaml'));
  } catch (cause) {
    throw new MssError('io', `cannot read the decoders in ${dir}: ${messageOf(cause)}`, { cause });
  }
  return names.sort().map((name) => parseDecoder(readFileSync(join(dir, name), 'utf8'), name));
}
