// The status file of a service, as another service or the console reads it.
import { readFileSync } from 'node:fs';
import type { ServiceStatus } from '../api/status.ts';
import type { Paths, ServiceName } from '../paths.ts';

/** What `service` wrote last; undefined before it first wrote. @throws when the file is there and cannot be read */
export function findStatus(at: Paths, service: ServiceName): ServiceStatus | undefined {
  try {
    return JSON.parse(readFileSync(at.statusFile(service), 'utf8')) as ServiceStatus;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
