// Flag files that tell systemd's socket units, before they start, which ports the configuration leaves closed.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planFlags } from './ports.ts';

/** Makes and removes the flags in `dir` (ConditionPathExists=! of the socket units). */
export function applyPortFlags(dir: string, logs: Parameters<typeof planFlags>[0]): void {
  mkdirSync(dir, { recursive: true });
  for (const [name, isThere] of Object.entries(planFlags(logs))) {
    if (isThere) writeFileSync(join(dir, name), '');
    else rmSync(join(dir, name), { force: true });
  }
}
