// mss status: what the sensor is doing right now.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { emit, runCommand } from '../../../src/console/output.ts';
import { snapshotReader } from '../../../src/console/read-snapshot.ts';
import { renderStatus, statusRecords } from '../../../src/console/render-status.ts';
import { ratesBetween } from '../../../src/console/sensor-snapshot.ts';
import { readDetails } from '../../../src/console/status-details.ts';

/** Rates are what the counters did meanwhile. */
const RATE_MS = 500;

export function register(program: Command): void {
  program
    .command('status')
    .description('state of services, interfaces, storage and rules, last alerts and warnings')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: { json?: boolean }) =>
      runCommand(json, async () => {
        const read = snapshotReader();
        const before = await read();
        await sleep(RATE_MS);
        const snapshot = await read();
        const model = { snapshot, details: readDetails(snapshot), rates: ratesBetween(before, snapshot) };
        if (json) for (const record of statusRecords(model)) emit(true, record);
        else emit(false, { type: 'status' }, renderStatus(model));
      }),
    );
}
