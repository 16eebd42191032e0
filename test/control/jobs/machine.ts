// A machine for jobs: its files in a temporary folder, its programs answered by the test.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Machine } from '../../../src/control/jobs.ts';
import type { Ran } from '../../../src/os/process.ts';
import { pathsUnder } from '../../../src/paths.ts';

export const UUID = '6f9619ff-8b86-4011-b42d-00c04fc964ff';

export type Answer = (command: string, args: readonly string[], input?: string) => Partial<Ran> | undefined;

/** @param answer what a program does; undefined: it succeeds and says nothing */
export function makeMachine(answer: Answer = () => undefined) {
  const root = mkdtempSync(join(tmpdir(), 'mss-machine-'));
  const calls: string[] = [];
  const mounts = new Set<string>();
  const placeOf = (unit: string) =>
    /^Where=(.*)$/m.exec(readFileSync(join(root, 'run/systemd/system', unit), 'utf8'))?.[1] ?? '';
  const machine: Machine = {
    at: pathsUnder(root),
    isMountPoint: (dir) => mounts.has(dir),
    run: async (command, args, options) => {
      calls.push([command, ...args].join(' '));
      const ran = { code: 0, stdout: '', stderr: '', ...answer(command, args, options?.input) };
      if (command === 'systemctl' && ran.code === 0) {
        for (const unit of args.filter((arg) => arg.endsWith('.mount'))) {
          if (args[0] === 'start') mounts.add(placeOf(unit));
          else mounts.delete(placeOf(unit));
        }
      }
      return ran;
    },
  };
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  return { machine, root, calls, mounts, write, remove: () => rmSync(root, { recursive: true, force: true }) };
}
