// A million mutated lines, and long ones: CPU time grows with the length, not with its square.
import { expect, test } from 'vitest';
import { parseDecoder } from '../../src/logs/decoder.ts';
import { compileDecoders } from '../../src/logs/normalize.ts';
import { parseLog } from '../../src/logs/parse.ts';
import { loadDecoders } from '../../src/os/decoder-files.ts';
import { figure } from '../../tools/shell.ts';
import { readOddLines } from './odd-lines.ts';

test('a million mutated lines', () => {
  const startMs = performance.now();
  expect(readOddLines(1_000_000, 11)).toBeGreaterThan(100_000);
  figure('syslog_fuzz_lines', Math.round(1e9 / (performance.now() - startMs)), 'lines/s');
});

const arrival = { arrivedUs: 1_795_500_000e6, offsetMinutes: 0, sender: '192.0.2.7', transport: 'udp' as const };

/** CPU milliseconds for all samples, each with one part after the other repeated up to `length`. */
function readLong(length: number): { cpuMs: number; lines: number } {
  const decoders = loadDecoders('services/syslog-x/decoders');
  const normalize = compileDecoders(decoders);
  let lines = 0;
  const before = process.cpuUsage();
  for (const { line } of decoders.flatMap(({ samples }) => samples)) {
    for (let cut = 10; cut < line.length; cut += 7) {
      const piece = line.slice(cut, cut + 9);
      normalize(
        parseLog(line.slice(0, cut) + piece.repeat(Math.ceil(length / piece.length)) + line.slice(cut), arrival),
      );
      lines++;
    }
  }
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, lines };
}

test('messages of the greatest length cost time in line with it, whichever part of them is long', () => {
  readLong(4096);
  const short = readLong(8192);
  const long = readLong(65_536);
  figure('syslog_longest_message', long.cpuMs / long.lines, 'ms');
  // CPU time, over thousands of lines: eight times the length, where a square would be 64 times
  expect(long.cpuMs / short.cpuMs).toBeLessThan(24);
});

test('no decoder holds a regular expression', () => {
  const withRegex = 'name: x\napps: [x]\npatterns: [{ regex: "(a+)+$" }]\nsamples: [{ line: x, fields: {} }]';
  expect(() => parseDecoder(withRegex, 'x.yaml')).toThrow(/patterns\.0/);
});
