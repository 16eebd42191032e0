// Control: carries out privileged jobs asked for over local sockets. Only wires.
import { runControl } from '../../src/control/run-control.ts';
import { run } from '../../src/os/process.ts';
import { runService } from '../../src/os/run-service.ts';
import { isMountPoint } from '../../src/os/storage-file.ts';
import { findGroupId, findUserId } from '../../src/os/unix-names.ts';
import { paths } from '../../src/paths.ts';

runService('control', (service) =>
  runControl(service, {
    run,
    at: paths,
    isMountPoint,
    // under another root we are not on a sensor, and change no owners
    ids: paths.root === '' ? { user: findUserId, group: findGroupId } : undefined,
  }),
);
