// npm run test:long: what takes minutes and boots no machine of ours: soaks, fuzzing, judges that are slow themselves.
// Some judge the image, which is built first when it is not fresh.
import { buildImage } from './image/image.ts';
import { main } from './shell.ts';
import { runStages, runVitest } from './stages.ts';

await main(() =>
  runStages([
    [
      'image',
      async () => {
        await buildImage();
        return { passed: 0, failed: 0, skipped: 0 };
      },
    ],
    ['long tests', () => runVitest('long')],
  ]),
);
