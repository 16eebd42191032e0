// Where a worker thread's file is: `<role>.worker.ts` beside main.ts in a checkout, `<service>.<role>.worker.mjs` in a release.

/** @param importer the `import.meta.url` of services/<service>/main.ts or of its bundle */
export function workerUrl(importer: string, service: string, role: string): URL {
  return new URL(importer.endsWith('.ts') ? `./${role}.worker.ts` : `./${service}.${role}.worker.mjs`, importer);
}
