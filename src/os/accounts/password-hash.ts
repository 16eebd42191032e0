// Passwords of local accounts as scrypt hashes (RFC 7914), in one line that names its own cost.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { MssError } from '../../errors.ts';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** 32 MB and about 0.1 s a try; N is a power of two. */
const COST = { N: 2 ** 15, r: 8, p: 1 };
const MOST_N = 2 ** 18;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** More is no safer, and hashing it costs. */
const LONGEST = 256;
export const SHORTEST_PASSWORD = 10;

const memory = (N: number, r: number): number => 128 * N * r + 2 ** 20;

/**
 * Refuses what is too weak to guard a page.
 * @throws MssError 'usage'
 */
export function checkPassword(name: string, password: string): void {
  if (password.length < SHORTEST_PASSWORD) {
    throw new MssError('usage', `the password needs at least ${SHORTEST_PASSWORD} characters`);
  }
  if (password.length > LONGEST) throw new MssError('usage', `the password may have ${LONGEST} characters at most`);
  if (password.toLowerCase().includes(name.toLowerCase()) || new Set(password).size < 4) {
    throw new MssError('usage', 'the password must not contain the name of the account, nor repeat a few characters');
  }
}

/** `scrypt$N$r$p$salt$key`, base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const { N, r, p } = COST;
  const key = await derive(password.normalize('NFC'), salt, KEY_BYTES, { N, r, p, maxmem: memory(N, r) });
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** A hash that fits no password: checking it takes as long as checking a real one. */
export const NO_PASSWORD = ['scrypt', COST.N, COST.r, COST.p, 'AAAAAAAAAAAAAAAAAAAAAA', ''].join('$');

/** Whether `password` is the one of `hash`. @throws MssError 'input' for a hash that cannot be read */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const match = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{16,64})\$([A-Za-z0-9_-]*)$/.exec(hash);
  if (match === null || Number(match[1]) > MOST_N) throw new MssError('input', 'the hash of a password is damaged');
  const [N, r, p] = match.slice(1, 4).map(Number);
  const wanted = Buffer.from(match[5], 'base64url');
  const salt = Buffer.from(match[4], 'base64url');
  const key = await derive(password.normalize('NFC').slice(0, LONGEST), salt, KEY_BYTES, {
    N,
    r,
    p,
    maxmem: memory(N, r),
  });
  return wanted.length === key.length && timingSafeEqual(wanted, key);
}
