// Reads and writes /nsm/etc/UUID.
import { readFileSync } from 'node:fs';
import { type Identity, parseIdentity, renderIdentity } from '../config/identity.ts';
import { type Paths, paths } from '../paths.ts';
import { writeFileAtomic } from './atomic-file.ts';

/** Undefined before first start. @throws MssError 'config' for a file that is none */
export function findIdentity(at: Paths = paths): Identity | undefined {
  let text: string;
  try {
    text = readFileSync(at.uuidFile, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return parseIdentity(text);
}

/** @throws MssError 'io' */
export const writeIdentity = (identity: Identity, at: Paths = paths): void =>
  writeFileAtomic(at.uuidFile, renderIdentity(identity), { mode: 0o644 });
