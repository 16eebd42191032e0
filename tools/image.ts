// npm run image: the appliance in dist/, from sources to OVA. Does nothing when nothing changed.
import { buildImage } from './image/image.ts';
import { main } from './shell.ts';

await main(buildImage);
