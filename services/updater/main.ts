// mss-updater: wires the updater to the configuration and the paths of the box.
import { loadConfig } from '../../src/os/config-file.ts';
import { runService } from '../../src/os/run-service.ts';
import { paths } from '../../src/paths.ts';
import { runUpdater } from '../../src/updater/service.ts';

runService('updater', (service) =>
  runUpdater(service, { paths, loadSource: () => loadConfig().config.release.source }),
);
