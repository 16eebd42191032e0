// Numbers of user and group names, from the files themselves: no lookup over the network is ever wanted here.
import { readFileSync } from 'node:fs';
import { MssError } from '../errors.ts';

/** The number standing third in the line of `name` in passwd(5) or group(5). */
export function parseId(text: string, name: string): number | undefined {
  for (const line of text.split('\n')) {
    const fields = line.split(':');
    if (fields[0] === name) return Number(fields[2]);
  }
  return undefined;
}

function findId(file: string, name: string): number {
  const id = parseId(readFileSync(file, 'utf8'), name);
  if (id === undefined) throw new MssError('not-found', `${file} has no "${name}"; run systemd-sysusers`);
  return id;
}

/** @throws MssError 'not-found' */
export const findUserId = (name: string): number => findId('/etc/passwd', name);
/** @throws MssError 'not-found' */
export const findGroupId = (name: string): number => findId('/etc/group', name);

/** A user and the group it is in by passwd(5). */
export interface UserIds {
  userId: number;
  groupId: number;
}

/** Both numbers of `name` in the text of passwd(5). */
export function parseUser(text: string, name: string): UserIds | undefined {
  for (const line of text.split('\n')) {
    const [user, , userId, groupId] = line.split(':');
    if (user === name) return { userId: Number(userId), groupId: Number(groupId) };
  }
  return undefined;
}

/** Numbers of all groups that group(5) makes `user` a member of, besides its own. */
export function parseMemberships(text: string, user: string): number[] {
  return text.split('\n').flatMap((line) => {
    const [, , id, members] = line.split(':');
    return members?.split(',').includes(user) ? [Number(id)] : [];
  });
}

/** The same on this machine. */
export const findMemberships = (user: string): number[] => parseMemberships(readFileSync('/etc/group', 'utf8'), user);
