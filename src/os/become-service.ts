// Gives up root for a service's own user. Root that writes below a folder of a service can be led astray by links laid
// out there; the service's user cannot be led where the service could not go by itself.
import { chownSync, existsSync, mkdirSync } from 'node:fs';
import { MssError } from '../errors.ts';
import { type Paths, paths, type ServiceName } from '../paths.ts';
import { findGroupId, findMemberships, findUserId, type UserIds } from './unix-names.ts';

/** Goes on as `user` with all its groups, for good. Only root can. @throws MssError 'not-found' for no such user */
export function becomeUser(user: string): void {
  becomeIds({ userId: findUserId(user), groupId: findGroupId(user) }, findMemberships(user));
}

/** Goes on as these, with no more groups than those named, for good. Only root can. */
export function becomeIds({ userId, groupId }: UserIds, groups: readonly number[] = []): void {
  process.setgroups?.([groupId, ...groups]);
  process.setgid?.(groupId);
  process.setuid?.(userId);
}

/**
 * Goes on as the user of `service`, whose state folder is there then. Does nothing for whoever is not root, and on a
 * machine without that user: there is no service whose folder it could be.
 */
export function becomeService(service: ServiceName, at: Paths = paths): void {
  if (process.getuid?.() !== 0 || at.root !== '') return;
  const user = `mss-${service}`;
  try {
    const dir = at.stateDir(service);
    const owner = [findUserId(user), findGroupId(user)] as const;
    if (!existsSync(dir)) {
      mkdirSync(dir, { recursive: true, mode: 0o755 });
      chownSync(dir, ...owner);
    }
    becomeUser(user);
  } catch (error) {
    if (!(error instanceof MssError && error.code === 'not-found')) throw error;
  }
}
