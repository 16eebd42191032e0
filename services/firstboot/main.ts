// First start. Only wires: the answers are applied by control's own jobs, in this process, before control is there.
import type { JobResult } from '../../src/control/jobs.ts';
import { makeJobs } from '../../src/control/make-jobs.ts';
import { runFirstboot } from '../../src/firstboot/run-firstboot.ts';
import { log } from '../../src/log.ts';
import { run } from '../../src/os/process.ts';
import { runService } from '../../src/os/run-service.ts';
import { isMountPoint } from '../../src/os/storage-file.ts';
import { findGroupId, findUserId } from '../../src/os/unix-names.ts';
import { paths } from '../../src/paths.ts';

const ids = paths.root === '' ? { user: findUserId, group: findGroupId } : undefined;
const say = (text: string): void => log('notice', text);
const { jobs } = makeJobs({ run, at: paths, isMountPoint, ids }, say);
const told = async (job: Promise<JobResult>): Promise<void> => say((await job).text);

runService('firstboot', (service) =>
  runFirstboot(service, {
    run,
    at: paths,
    jobs: {
      setPassword: (password) => told(jobs['set-password']({ job: 'set-password', password }, say)),
      setTimeZone: (timeZone) => told(jobs['set-time-zone']({ job: 'set-time-zone', timeZone }, say)),
      // nobody is there to confirm
      setNetwork: (management) => told(jobs['set-network']({ job: 'set-network', management, confirmSeconds: 0 }, say)),
      configure: (desired) =>
        told(jobs.configure({ job: 'configure', desired, identity: { sensorNumber: 1, type: 'standalone' } }, say)),
    },
  }),
);
