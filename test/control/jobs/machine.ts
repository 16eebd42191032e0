// A machine for jobs: its files in a temporary folder, its programs answered by the test.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
  const state = { mounted: false };
  const machine: Machine = {
    at: pathsUnder(root),
    isMountPoint: () => state.mounted,
    run: async (command, args, options) => {
      calls.push([command, ...args].join(' '));
      const ran = { code: 0, stdout: '', stderr: '', ...answer(command, args, options?.input) };
      if (command === 'systemctl' && args.includes('nsm-packets.mount') && ran.code === 0) {
        state.mounted = args[0] === 'start';
      }
      return ran;
    },
  };
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  return { machine, root, calls, state, write, remove: () => rmSync(root, { recursive: true, force: true }) };
}
