// npm test: types, style, unused code, then every test that needs no virtual machine.
import { buildRoot } from './image/root.ts';
import { main } from './shell.ts';
import { type Counts, check, runStages, runVitest } from './stages.ts';

/** Tests of the engine run the image's own Suricata in a chroot of the image's root. */
async function prepareRoot(): Promise<Counts> {
  if (process.getuid?.() === 0) await buildRoot();
  else process.stdout.write('not root: tests of the engine are skipped\n');
  return { passed: 0, failed: 0, skipped: 0 };
}

await main(() =>
  runStages([
    ['root file system', prepareRoot],
    ['types', () => check('tsc', ['--noEmit'])],
    ['style', () => check('biome', ['check', '.'])],
    ['unused code', () => check('knip', [])],
    ['unit tests', () => runVitest('unit')],
  ]),
);
