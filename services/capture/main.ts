// mss-capture: every packet of the promiscuous interfaces into indexed segments on the packet log.
import { runCapture } from '../../src/capture/service.ts';
import { loadConfig } from '../../src/os/config-file.ts';
import { runService } from '../../src/os/run-service.ts';
import { workerUrl } from '../../src/os/worker-url.ts';
import { paths } from '../../src/paths.ts';

runService('capture', (service) =>
  runCapture(service, {
    paths,
    urls: {
      ring: workerUrl(import.meta.url, 'capture', 'ring'),
      index: workerUrl(import.meta.url, 'capture', 'index'),
      flows: workerUrl(import.meta.url, 'capture', 'flows'),
    },
    loadConfig: () => loadConfig().config,
  }),
);
