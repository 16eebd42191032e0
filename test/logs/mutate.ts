// Log lines that nobody sends: the decoders' own samples, cut, spliced, repeated and sprinkled with what parsers trip over.
import { loadDecoders } from '../../src/os/decoder-files.ts';

const SPICE = [
  '\u0000',
  '\n',
  '\t',
  '"',
  "'",
  '\\',
  '=',
  '|',
  '[',
  ']',
  '<',
  '>',
  '{',
  '}',
  ',',
  ':',
  ' ',
  '%',
  '\ufeff',
  '\ud800',
  'é',
  '🙂',
  '-',
  '0',
  '9'.repeat(40),
  '{"a":'.repeat(50),
  '['.repeat(200),
  '<34>1 ',
  'CEF:0|',
  '__proto__=',
  'Nov 31 25:61:61 ',
  '2026-13-99T99:99:99Z',
];

/** Generates `count` lines, the same ones for the same seed. */
export function* mutateLines(count: number, seed: number): Generator<string> {
  const samples = loadDecoders('services/syslog-x/decoders').flatMap((decoder) =>
    decoder.samples.map(({ line }) => line),
  );
  let state = seed;
  // numerical recipes' linear congruential generator
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];
  for (let i = 0; i < count; i++) {
    let line = pick(samples);
    for (let change = below(4); change >= 0; change--) {
      const at = below(line.length + 1);
      const to = at + below(12);
      switch (below(6)) {
        case 0:
          line = line.slice(0, at);
          break;
        case 1:
          line = line.slice(0, at) + line.slice(to);
          break;
        case 2:
          line = line.slice(0, at) + pick(SPICE) + line.slice(at);
          break;
        case 3:
          line = line.slice(0, at) + pick(samples).slice(below(80));
          break;
        case 4:
          line = line.slice(0, to) + line.slice(at, to).repeat(1 + below(30)) + line.slice(to);
          break;
        default:
          line = line.slice(0, at) + String.fromCharCode(below(0x2100)) + line.slice(at + 1);
      }
    }
    yield line;
  }
}
