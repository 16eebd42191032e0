// npm run build: dist/release out of the sources.
import { buildRelease } from './release/release.ts';
import { main } from './shell.ts';

await main(async () => {
  await buildRelease();
});
