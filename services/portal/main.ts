// mss-portal: what a browser touches, and the event archive behind it.
import { loadConfig } from '../../src/os/config-file.ts';
import { runService } from '../../src/os/run-service.ts';
import { paths } from '../../src/paths.ts';
import { runPortal } from '../../src/portal/service.ts';

const inCheckout = import.meta.url.endsWith('.ts');
const beside = (path: string): string => new URL(path, import.meta.url).pathname;

runService('portal', (service) =>
  runPortal(service, {
    paths,
    loadConfig: () => loadConfig().config,
    mssCommand: [process.execPath, beside(inCheckout ? '../console/mss.ts' : '../mss.mjs')],
    webDir: beside(inCheckout ? '../../build/web' : '../web'),
  }),
);
