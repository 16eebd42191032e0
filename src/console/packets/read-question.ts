// The arguments of a `mss packets` that was started before it was known what would be asked.
import { MssError } from '../../errors.ts';

const MOST_BYTES = 256 * 1024;

/**
 * Waits for the end of the input.
 * @returns the arguments that it holds as a JSON array of strings; undefined where it is empty: nobody will ask any more
 * @throws MssError 'usage'
 */
export async function readQuestion(input: AsyncIterable<Buffer>): Promise<string[] | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of input) {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new MssError('usage', `the question has more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  if (bytes === 0) return undefined;
  const said = parse(Buffer.concat(parts).toString());
  if (Array.isArray(said) && said.every((arg) => typeof arg === 'string')) return said;
  throw new MssError('usage', '--wait expects a JSON array of arguments on standard input');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
