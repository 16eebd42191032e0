import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { emit, runCommand } from '../../src/console/output.ts';
import { MssError } from '../../src/errors.ts';

let out: string;
let err: string;
beforeEach(() => {
  out = err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

test('text from the network moves no cursor, lines stay lines', () => {
  emit(false, { type: 'alert' }, 'host \x1b[2Jevil\x9b1A\nnext line');
  expect(out).toBe('host \\x1b[2Jevil\\x9b1A\nnext line\n');
});

test('JSON is one line whatever the record holds, numbers beyond 2^53 included', () => {
  emit(true, { type: 'alert', text: 'two\nlines', flow: 2n ** 60n }, 'unused');
  expect(out).toBe('{"type":"alert","text":"two\\nlines","flow":1152921504606847000}\n');
});

test.each([
  ['usage', 2],
  ['query', 2],
  ['control', 1],
] as const)('an error of code %s exits %i, and is said without controls', async (code, exitCode) => {
  await runCommand(false, () => {
    throw new MssError(code, 'no \x1b[31mway');
  });
  expect([process.exitCode, err, out]).toEqual([exitCode, 'mss: no \\x1b[31mway\n', '']);
});
