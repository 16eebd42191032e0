// npm run test:boot: the image as it ships, in QEMU. Builds it first when it is not fresh.
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
    ['boot tests', () => runVitest('boot')],
  ]),
);
