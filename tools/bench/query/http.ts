// The same questions through the portal: TLS, login, and the bundled `mss packets` as its child, as on the box.
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { formatTuple, type Tuple } from '../../../src/net/tuple.ts';
import { PortalProcess } from '../../../test/portal/portal-process.ts';
import { bundlePrograms } from '../../release/bundle.ts';
import { repoDir } from '../../shell.ts';

/** Runs `use` with a function that downloads a flow's packets of the store at `dir`. */
export async function withPortal(
  dir: string,
  use: (download: (flow: Tuple) => Promise<void>) => Promise<void>,
): Promise<void> {
  const programs = mkdtempSync(join(tmpdir(), 'mss-bench-programs-'));
  const portal = new PortalProcess();
  try {
    // as in a release
    await mkdir(join(programs, 'bin'));
    symlinkSync(process.execPath, join(programs, 'bin', 'node'));
    symlinkSync(join(repoDir, 'node_modules'), join(programs, 'node_modules'));
    await bundlePrograms(repoDir, programs);
    portal.mss = join(programs, 'mss.mjs');
    await portal.makeAccounts();
    await mkdir(dirname(portal.paths.packetFallback), { recursive: true });
    symlinkSync(dir, portal.paths.packetFallback);
    await portal.start();
    await portal.login('anna');
    await use(async (flow) => {
      const answer = await portal.ask(`/api/packets?tuple=${encodeURIComponent(formatTuple(flow))}`);
      if (answer.status !== 200) throw new Error(`${formatTuple(flow)}: ${answer.body.toString()}`);
    });
  } finally {
    await portal.remove();
    rmSync(programs, { recursive: true, force: true });
  }
}
