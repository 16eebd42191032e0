// The browser's pages out of src/web: main.js, and the files of src/web/static beside it.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Writes index.html, main.js, style.css and icon.svg into `outDir`. */
export async function buildWeb(outDir: string): Promise<void> {
  const webDir = join(import.meta.dirname, '..', 'src', 'web');
  mkdirSync(outDir, { recursive: true });
  await build({
    entryPoints: [join(webDir, 'main.tsx')],
    outdir: outDir,
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2023',
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'linked',
    logLevel: 'warning',
  });
  cpSync(join(webDir, 'static'), outDir, { recursive: true });
}

if (import.meta.main) await buildWeb(join(import.meta.dirname, '..', 'build', 'web'));
