// esbuild: one file a service, one a worker, and one for the mss command.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { EXTERNAL_PACKAGES } from './externals.ts';

// CommonJS packages inside an ES module still ask for these three.
const COMMONJS_NAMES =
  "import{createRequire as __createRequire}from'node:module';" +
  'const require=__createRequire(import.meta.url),__filename=import.meta.filename,__dirname=import.meta.dirname;';

/** Bundle name (without ending) to source file: `ids`, `capture.index.worker`, … for each folder of services/. */
export function findServiceEntries(servicesDir: string): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const folder of readdirSync(servicesDir, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue;
    for (const name of readdirSync(join(servicesDir, folder.name))) {
      const source = join(servicesDir, folder.name, name);
      if (name === 'main.ts') entries[folder.name] = source;
      if (name.endsWith('.worker.ts')) entries[`${folder.name}.${name.slice(0, -3)}`] = source;
    }
  }
  return entries;
}

async function bundleNode(entryPoints: Record<string, string>, outdir: string): Promise<void> {
  await build({
    entryPoints,
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    outExtension: { '.js': '.mjs' },
    minify: true,
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'linked',
    // ssh2 asks for its compiled parts in a try block and works without them.
    external: [...EXTERNAL_PACKAGES, 'cpu-features', '*.node'],
    banner: { js: COMMONJS_NAMES },
    logLevel: 'warning',
  });
}

/** All programs of the release, from `repoDir` into `releaseDir`. */
export async function bundlePrograms(repoDir: string, releaseDir: string): Promise<void> {
  const servicesDir = join(repoDir, 'services');
  await bundleNode(findServiceEntries(servicesDir), join(releaseDir, 'services'));
  await bundleNode({ mss: join(servicesDir, 'console', 'mss.ts') }, releaseDir);
}
