// esbuild: one file a service, one a worker, and one for the mss command. A service's is a script, which V8 can compile
// ahead, beside a launcher of its name.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { run } from '../shell.ts';
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

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  minify: true,
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'linked',
  // ssh2 asks for its compiled parts in a try block and works without them.
  external: [...EXTERNAL_PACKAGES, 'cpu-features', '*.node'],
  logLevel: 'warning',
};

/** Of an ES module that is apart from the bundle, a script gets the namespace where its sources mean the default. */
const DEFAULT_OF_MODULES: Plugin = {
  name: 'default-of-modules',
  setup({ onResolve, onLoad }) {
    const namespace = 'default-of-module';
    onResolve({ filter: /^node-netlink$/ }, (asked) =>
      asked.namespace === namespace ? { path: asked.path, external: true } : { path: asked.path, namespace },
    );
    onLoad({ filter: /./, namespace }, ({ path }) => ({ contents: `module.exports = require('${path}').default;` }));
  },
};

async function bundleModules(entryPoints: Record<string, string>, outdir: string): Promise<void> {
  const outExtension = { '.js': '.mjs' };
  await build({ ...COMMON, entryPoints, outdir, format: 'esm', outExtension, banner: { js: COMMONJS_NAMES } });
}

async function bundleScripts(entryPoints: Record<string, string>, outdir: string): Promise<void> {
  await build({
    ...COMMON,
    entryPoints,
    outdir,
    format: 'cjs',
    plugins: [DEFAULT_OF_MODULES],
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': '__url', 'import.meta.dirname': '__dirname' },
    banner: { js: "const __url=require('node:url').pathToFileURL(__filename).href;" },
  });
}

/** All programs of the release, from `repoDir` into `releaseDir`, where Node and the external packages are already. */
export async function bundlePrograms(repoDir: string, releaseDir: string): Promise<void> {
  const servicesDir = join(repoDir, 'services');
  const outdir = join(releaseDir, 'services');
  const entries = Object.entries(findServiceEntries(servicesDir));
  const workers = entries.filter(([name]) => name.endsWith('.worker'));
  const services = entries.filter(([name]) => !name.endsWith('.worker'));
  const launcher = join(repoDir, 'tools', 'release', 'launcher.ts');
  await bundleScripts(Object.fromEntries(services), outdir);
  await bundleModules(Object.fromEntries(services.map(([name]) => [name, launcher])), outdir);
  await bundleModules(Object.fromEntries(workers), outdir);
  await bundleModules({ mss: join(servicesDir, 'console', 'mss.ts') }, releaseDir);
  const node = join(releaseDir, 'bin', 'node');
  for (const [name] of services) await run(node, [join(outdir, `${name}.mjs`)], { env: { MSS_COMPILE_AHEAD: '1' } });
}
