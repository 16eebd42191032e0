// How every `mss` command speaks: text for a person, or with --json one object a line, each with a `type`.
import { type ErrorCode, MssError, messageOf } from '../errors.ts';
import { escapeControl } from '../log.ts';

/**
 * Writes one record: as a JSON line, or as the text made for a person (nothing when that is undefined). Host names,
 * signatures and messages in it come from the network: only its line ends reach the terminal as controls.
 */
export function emit<R extends { type: string }>(json: boolean, record: R, text?: string): void {
  if (json) process.stdout.write(`${JSON.stringify(record, bigintAsNumber)}\n`);
  else if (text !== undefined) process.stdout.write(`${text.split('\n').map(escapeControl).join('\n')}\n`);
}

// EVE's flow_id may pass 2^53; a reader of JSON has no better type for it than we have
const bigintAsNumber = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

/**
 * Runs one command's action and turns what it throws into a message and the exit code: 1 failed, 2 wrong usage.
 */
export async function runCommand(json: boolean, action: () => Promise<void> | void): Promise<void> {
  try {
    await action();
  } catch (error) {
    const code: ErrorCode = error instanceof MssError ? error.code : 'io';
    if (json) process.stdout.write(`${JSON.stringify({ type: 'error', code, message: messageOf(error) })}\n`);
    process.stderr.write(`mss: ${escapeControl(messageOf(error))}\n`);
    if (process.env.MSS_DEBUG === '1') console.error(error);
    process.exitCode = code === 'usage' || code === 'query' ? 2 : 1;
  }
}
