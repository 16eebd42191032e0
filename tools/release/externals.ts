// Packages that cannot be bundled because they load a compiled file from beside themselves. They go into the release
// as they are, with what they need in turn, less what Node never reads at run time.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** node-netlink and its parts are LGPL-2.1: apart from the bundle they also stay replaceable. */
export const EXTERNAL_PACKAGES = ['koffi', '@duckdb/node-api', 'node-netlink', 'sd-notify'];

const RUNTIME_FILE = /(\.(c|m)?js|\.json|\.node|\.so)$|^(LICENSE|COPYING)/;
const NEVER_READ = new Set(['doc', 'vendor', 'native', 'samples', 'examples', 'test', 'obj.target', 'musl_x64']);

interface PackageJson {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** The packages and all that they depend on, as far as it is installed (optional ones of other platforms are not). */
export function findClosure(packages: readonly string[], modulesDir: string): string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    const file = join(modulesDir, name, 'package.json');
    if (found.has(name) || !existsSync(file)) return;
    found.add(name);
    const parsed = JSON.parse(readFileSync(file, 'utf8')) as PackageJson;
    for (const next of Object.keys({ ...parsed.dependencies, ...parsed.optionalDependencies })) visit(next);
  };
  for (const name of packages) visit(name);
  return [...found].sort();
}

/** True if a file of a package, named relative to the package's folder, is read at run time. */
export function isRuntimeFile(path: string): boolean {
  const parts = path.split('/');
  return RUNTIME_FILE.test(parts[parts.length - 1]) && !parts.some((part) => NEVER_READ.has(part));
}

/** Copies the closure of the external packages into `<releaseDir>/node_modules`. */
export function copyExternals(modulesDir: string, releaseDir: string): void {
  for (const name of findClosure(EXTERNAL_PACKAGES, modulesDir)) {
    const from = join(modulesDir, name);
    for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
      const path = relative(from, join(entry.parentPath, entry.name));
      if (!entry.isFile() || !isRuntimeFile(path)) continue;
      const to = join(releaseDir, 'node_modules', name, path);
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(join(from, path), to);
    }
  }
}
