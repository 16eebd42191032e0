// The bytes of one log message as text.
import { isUtf8 } from 'node:buffer';

/**
 * Decodes a message and takes the line end or NUL off that many senders put behind it. Bytes that are not UTF-8 are
 * read as Latin-1, so that each byte can be told from the text.
 */
export function decodeMessage(bytes: Buffer): string {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 10 || bytes[end - 1] === 13 || bytes[end - 1] === 0)) end--;
  const trimmed = end === bytes.length ? bytes : bytes.subarray(0, end);
  return trimmed.toString(isUtf8(trimmed) ? 'utf8' : 'latin1');
}
