// npm run test:long: what takes minutes and boots no machine of ours: soaks, fuzzing, judges that are slow themselves.
// Some judge the image or start from plain Debian, which are built first when they are not fresh.
import { buildImage } from './image/image.ts';
import { buildPlainDebian } from './image/plain-debian.ts';
import { main } from './shell.ts';
import { runStages, runVitest } from './stages.ts';

await main(() =>
  runStages([
    [
      'image',
      async () => {
        await buildImage();
        await buildPlainDebian();
        return { passed: 0, failed: 0, skipped: 0 };
      },
    ],
    ['long tests', () => runVitest('long')],
  ]),
);
