// Whether root's password is still the shipped one: compares hashes, as the check before sshd's password does.
import { readFileSync } from 'node:fs';
import { type Paths, paths } from '../paths.ts';

/** Undefined where either file cannot be read: another user, or no appliance. */
export function hasShippedPassword(at: Paths = paths): boolean | undefined {
  try {
    const shipped = readFileSync(at.shippedHashFile, 'utf8').trim();
    const shadow = readFileSync(`${at.root}/etc/shadow`, 'utf8');
    return /^root:([^:]*):/m.exec(shadow)?.[1] === shipped;
  } catch {
    return undefined;
  }
}
