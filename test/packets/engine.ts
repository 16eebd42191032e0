// The engine for tests that need the real one, and the line that says why they skip.
import { findEngine, isSupportedEngine } from '../../src/os/engine-process.ts';

const found = findEngine();

/** The image's Suricata, or the host's; undefined: none of a version whose configuration we write. */
export const engine = found !== undefined && isSupportedEngine(found) ? found : undefined;

if (engine === undefined) {
  console.warn(
    'tests with the real engine are skipped: no Suricata 8 (build/root is not built, and the host has none)',
  );
}
