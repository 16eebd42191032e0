// softips: cuts off what is blocked. Only wires.
import { loadConfig } from '../../src/os/config-file.ts';
import { runService } from '../../src/os/run-service.ts';
import { paths } from '../../src/paths.ts';
import { runSoftIps } from '../../src/softips/service.ts';

runService('softips', (service) => runSoftIps(service, { paths, loadConfig: () => loadConfig().config }));
