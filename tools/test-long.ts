// npm run test:long: what takes minutes and needs no virtual machine: soaks, fuzzing, judges that are slow themselves.
import { main } from './shell.ts';
import { runStages, runVitest } from './stages.ts';

await main(() => runStages([['long tests', () => runVitest('long')]]));
