// Who may import whom, what may touch the world, and how files are named: held by reading import lines.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

interface Import {
  /** a path from the repository's root, or a package's name */
  target: string;
  isType: boolean;
}

const sources = ['src', 'services', 'tools'].flatMap((root) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name)),
);
const texts = new Map(sources.map((file) => [file, readFileSync(file, 'utf8')]));

const STATIC = /^[ \t]*(?:import|export)\s+(type\s)?(?:[\w*{}\s,$]*?\sfrom\s+)?'([^'\n]+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^'\n]+)'/g;

function readImports(file: string, source: string): Import[] {
  const text = source.replaceAll(/\/\*\*[\s\S]*?\*\//g, ''); // {@link import('...')} is no import
  const resolve = (target: string) => (target.startsWith('.') ? normalize(join(dirname(file), target)) : target);
  return [
    ...[...text.matchAll(STATIC)].map(([, type, target]) => ({ target: resolve(target), isType: type !== undefined })),
    ...[...text.matchAll(DYNAMIC)].map(([, target]) => ({ target: resolve(target), isType: false })),
  ];
}
const imports = new Map([...texts].map(([file, text]) => [file, readImports(file, text)]));

/** Every import of the files that `from` picks, as "file -> target", where `isBad` says so. */
const findImports = (from: (file: string) => boolean, isBad: (found: Import, file: string) => boolean): string[] =>
  [...imports].flatMap(([file, found]) =>
    from(file) ? found.filter((one) => isBad(one, file)).map(({ target }) => `${file} -> ${target}`) : [],
  );

/** 'src/net/cidr.ts' -> 'net'; '' for what lies directly in src/ or outside it. */
const folderOf = (file: string): string => /^src\/([^/]+)\//.exec(file)?.[1] ?? '';

// lowest first; a folder imports its own row's neighbours and what is below
const ROWS = [
  ['net'],
  ['config', 'api', 'query', 'protocol', 'eve', 'rules', 'pcap'],
  ['store', 'spool', 'archive', 'ledger', 'logs'],
  ['detect', 'incidents'],
  ['suricata', 'respond', 'analysis'],
  ['capture', 'ids', 'syslog-x', 'updater', 'console', 'portal', 'control', 'firstboot', 'softips', 'controller'],
];
const rowOf = (folder: string): number => ROWS.findIndex((row) => row.includes(folder));
const FEATURES = ROWS[5];
const PURE = [
  'net',
  'pcap',
  'eve',
  'rules',
  'logs',
  'config',
  'api',
  'query',
  'protocol',
  'detect',
  'incidents',
  'analysis',
];
const STORES = ['store', 'spool', 'archive', 'ledger'];

const isPure = (file: string): boolean =>
  PURE.includes(folderOf(file)) ||
  (file.startsWith('src/') && folderOf(file) !== 'os' && /^(parse|plan|render)(-|\.)/.test(basename(file)));
const PURE_MODULES = ['node:crypto', 'node:buffer', 'node:zlib'];
const STORE_MODULES = [...PURE_MODULES, 'node:fs', 'node:fs/promises', 'node:path', 'node:worker_threads'];

test('the scanner sees every kind of import', () => {
  const text = `// head
import 'node:fs';
import type { A } from './a.ts';
import {
  b,
  type B,
} from '../b/b.ts';
import c, { d } from 'c';
export * from './e.ts';
/** {@link import('./not.ts')} */
const f = await import('./f.ts');
`;
  expect(readImports('src/net/x.ts', text)).toEqual([
    { target: 'node:fs', isType: false },
    { target: 'src/net/a.ts', isType: true },
    { target: 'src/b/b.ts', isType: false },
    { target: 'c', isType: false },
    { target: 'src/net/e.ts', isType: false },
    { target: 'src/net/f.ts', isType: false },
  ]);
});

test('every folder of src has its place in this test', () => {
  const known = new Set([...ROWS.flat(), 'os', 'web', '']);
  expect(sources.filter((file) => file.startsWith('src/') && !known.has(folderOf(file)))).toEqual([]);
});

test('imports go one way: a folder imports its own row and the rows below', () => {
  const bad = findImports(
    (file) => rowOf(folderOf(file)) !== -1,
    ({ target }, file) => rowOf(folderOf(target)) > rowOf(folderOf(file)),
  );
  expect(bad).toEqual([]);
});

test('features never import each other', () => {
  const bad = findImports(
    (file) => FEATURES.includes(folderOf(file)),
    ({ target }, file) => FEATURES.includes(folderOf(target)) && folderOf(target) !== folderOf(file),
  );
  expect(bad).toEqual([]);
});

test('detect and incidents meet in the dialog event only', () => {
  const bad = findImports(
    (file) => ['detect', 'incidents'].includes(folderOf(file)),
    ({ target }, file) =>
      ['detect', 'incidents'].includes(folderOf(target)) &&
      folderOf(target) !== folderOf(file) &&
      target !== 'src/incidents/dialog-event.ts',
  );
  expect(bad).toEqual([]);
});

test('errors, paths and log import no folder', () => {
  expect(
    findImports(
      (file) => /^src\/[^/]+$/.test(file),
      ({ target }) => folderOf(target) !== '',
    ),
  ).toEqual([]);
});

test('src imports neither services nor tools', () => {
  expect(
    findImports(
      (file) => file.startsWith('src/'),
      ({ target }) => /^(services|tools|test)\//.test(target),
    ),
  ).toEqual([]);
});

test('pages import api, config, query and net only', () => {
  const bad = findImports(
    (file) => folderOf(file) === 'web',
    ({ target }) =>
      target.startsWith('node:') ||
      (target.startsWith('src/') && !['web', 'api', 'config', 'query', 'net', ''].includes(folderOf(target))),
  );
  expect(bad).toEqual([]);
});

test('pure files touch nothing of the world', () => {
  const bad = findImports(
    isPure,
    ({ target, isType }) =>
      !isType && ((target.startsWith('node:') && !PURE_MODULES.includes(target)) || folderOf(target) === 'os'),
  );
  expect(bad).toEqual([]);
});

test('stores use files, compression and threads, nothing else of the world', () => {
  const bad = findImports(
    (file) => STORES.includes(folderOf(file)),
    ({ target, isType }) =>
      !isType && ((target.startsWith('node:') && !STORE_MODULES.includes(target)) || folderOf(target) === 'os'),
  );
  expect(bad).toEqual([]);
});

test('the edge is below the features', () => {
  const above = new Set([...FEATURES, ...ROWS[4], 'web']);
  expect(
    findImports(
      (file) => folderOf(file) === 'os',
      ({ target }) => above.has(folderOf(target)),
    ),
  ).toEqual([]);
});

test.each<[string, RegExp, RegExp]>([
  [
    'native code, child processes and sockets',
    /^(koffi|ssh2|node-netlink|@hono\/node-server|node:(child_process|net|dgram|tls|https?|http2))$/,
    /^src\/os\//,
  ],
  ['the service manager', /^sd-notify$/, /^src\/os\/run-service\.ts$/],
  ['DuckDB', /^@duckdb\//, /^src\/archive\/duckdb\.ts$/],
  ['SQLite', /^node:sqlite$/, /^src\/os\/sqlite\.ts$/],
])('%s: in one place', (_, module, place) => {
  const bad = findImports(
    (file) => !file.startsWith('tools/') && !place.test(file),
    ({ target, isType }) => !isType && module.test(target),
  );
  expect(bad).toEqual([]);
});

test('no file is part of an import cycle', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (done.has(file) || path.includes(file)) return;
    for (const { target, isType } of imports.get(file) ?? []) if (!isType) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
  expect(cycles).toEqual([]);
});

test('names say what is inside', () => {
  const empty = /^(utils?|helpers?|common|misc|managers?|handlers?)$/;
  const bad = sources.filter((file) =>
    file.split('/').some((part) => part === 'index.ts' || part.split(/[-.]/).some((word) => empty.test(word))),
  );
  expect(bad).toEqual([]);
});

test('every file begins by saying what it is', () => {
  expect(
    sources.filter(
      (file) =>
        !texts
          .get(file)
          ?.replace(/^#!.*\n/, '')
          .startsWith('//'),
    ),
  ).toEqual([]);
});

test('files stay small', () => {
  const limitBytes = 14_000;
  const allowed = new Set<string>([]);
  const bad = sources.filter((file) => statSync(file).size > limitBytes && !allowed.has(file));
  expect(bad).toEqual([]);
});

test('mains only wire', () => {
  const lines = (file: string) => texts.get(file)?.split('\n').length ?? 0;
  const mains = sources.filter((file) => /^services\/[^/]+\/main\.ts$/.test(file));
  expect(mains.length).toBeGreaterThan(0);
  expect(mains.filter((file) => lines(file) > 60)).toEqual([]);
});
