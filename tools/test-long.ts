// npm run test:long: what takes minutes and boots no machine of ours: soaks, fuzzing, judges that are slow themselves.
// Some judge the image or start from plain Debian, which are built first when they are not fresh. With words behind it
// (npm run test:long -- soak) only the files named so are run, with the image as it is.
import { buildImage } from './image/image.ts';
import { buildPlainDebian } from './image/plain-debian.ts';
import { main } from './shell.ts';
import { runStages, runVitest } from './stages.ts';

const words = process.argv.slice(2);
const build = async () => {
  await buildImage();
  await buildPlainDebian();
  return { passed: 0, failed: 0, skipped: 0 };
};

await main(() =>
  runStages([
    ...(words.length === 0 ? [['image', build] as const] : []),
    ['long tests', () => runVitest('long', words)],
  ]),
);
