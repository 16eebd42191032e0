// The arguments of a `mss packets` that was started before it was known what would be asked: a question a line.
import { MssError } from '../../errors.ts';

const MOST_BYTES = 256 * 1024;
const LINE_END = 10;

/**
 * The questions of an input, until it ends: nobody will ask any more then.
 * @returns arguments, each line of the input holding them as a JSON array of strings
 * @throws MssError 'usage'
 */
export async function* readQuestions(input: AsyncIterable<Buffer>): AsyncGenerator<string[], void, undefined> {
  let parts: Buffer[] = [];
  let bytes = 0;
  const add = (part: Buffer) => {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new MssError('usage', `the question has more than ${MOST_BYTES} bytes`);
    parts.push(part);
  };
  const take = () => {
    const line = Buffer.concat(parts).toString();
    parts = [];
    bytes = 0;
    return parse(line);
  };
  for await (const part of input) {
    let from = 0;
    for (let end = part.indexOf(LINE_END); end >= 0; end = part.indexOf(LINE_END, from)) {
      add(part.subarray(from, end));
      yield take();
      from = end + 1;
    }
    add(part.subarray(from));
  }
  if (bytes > 0) yield take();
}

function parse(line: string): string[] {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    said = undefined;
  }
  if (Array.isArray(said) && said.every((arg) => typeof arg === 'string')) return said;
  throw new MssError('usage', '--wait expects a JSON array of arguments in each line of standard input');
}
