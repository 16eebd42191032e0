// npm run test:boot: the image as it ships, in QEMU, and plain machines to install on. Builds what is not fresh first.
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
    ['boot tests', () => runVitest('boot')],
  ]),
);
