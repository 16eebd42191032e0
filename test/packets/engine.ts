// The engines for tests that need real ones, and the line that says why they skip.
import { type Engine, findEngine, findEngineIn } from '../../src/os/engine-process.ts';
import { bookwormRoot } from '../../tools/image/plain-debian.ts';

/** The image's Suricata, or the host's. */
export const engine = findEngine();

/** The same, and beside it Debian 12's Suricata 7 once `npm run test:boot` has made that root file system. */
export const engines: Engine[] = [engine, findEngineIn(bookwormRoot, 'Debian 12')].filter(
  (found) => found !== undefined,
);

if (engine === undefined) {
  console.warn('tests with the real engine are skipped: build/root is not built, and the host has no Suricata');
}
