// How `mss import` gives up root before it reads what others sent: a parser that is led astray then has nobody's rights.
// All that only root can open is opened before; the store's folder becomes the working folder, whatever lies above it.
import {
  accessSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { MssError, messageOf } from '../errors.ts';
import { becomeIds } from './become-service.ts';
import { NOBODY } from './engine-process.ts';
import { parseUser, type UserIds } from './unix-names.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;
const STORE_FILE = /^seg-\d{10}\.(pcapng|idx|open)$/;
const OTHERS_MAY_MAKE_FILES = 0o003;

/** Whom root becomes to import: the user for it, or nobody where the sensor is not installed; undefined: not root. */
export function findImportUser(): UserIds | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8');
  return parseUser(users, 'mss-import') ?? parseUser(users, 'nobody') ?? NOBODY;
}

/** Root's own temporary folder (TMPDIR of libpam-tmpdir) may be closed to others: then the one that is everybody's. */
export function useOpenTemporaryFolder(): void {
  const mode = statSync(tmpdir(), { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & OTHERS_MAY_MAKE_FILES) !== OTHERS_MAY_MAKE_FILES) process.env.TMPDIR = '/tmp';
}

/**
 * Gives the store's folder to `user`, goes into it, and goes on as that user, for good. What is written there belongs
 * to the group of whoever called: root's, or that of the person behind sudo(8).
 * @throws MssError 'usage' for a folder that holds other things, 'io' where that user cannot write there
 */
export function enterStoreAs(user: UserIds, dir: string): void {
  const fd = openSync(dir, FOLDER);
  const { uid, mode } = fstatSync(fd);
  const foreign = uid === user.userId ? undefined : readdirSync(dir).find((name) => !STORE_FILE.test(name));
  if (foreign !== undefined) {
    throw new MssError(
      'usage',
      `${dir} holds other things than packets (${foreign}), and import writes there without root's rights: name a new folder`,
    );
  }
  let refused = '';
  try {
    fchownSync(fd, user.userId, Number(process.env.SUDO_GID ?? process.getgid?.()));
    fchmodSync(fd, (mode & 0o777) | 0o2770);
  } catch (error) {
    refused = `: ${messageOf(error)}`; // some file systems know no owners, and let everybody write
  }
  process.chdir(dir);
  becomeIds(user);
  try {
    accessSync('.', constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new MssError('io', `${dir} cannot be given to the user that imports${refused}; name another folder`, {
      cause,
    });
  }
}
