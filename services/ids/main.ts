// ids: alerts and incidents out of the engine's records. Only wires.
import { runIds } from '../../src/ids/service.ts';
import { loadConfig } from '../../src/os/config-file.ts';
import { controlOver } from '../../src/os/control-client.ts';
import { runService } from '../../src/os/run-service.ts';
import { paths } from '../../src/paths.ts';

runService('ids', (service) =>
  runIds(service, {
    paths,
    loadConfig: () => loadConfig().config,
    ask: controlOver(paths.controlSocket('ids')),
  }),
);
