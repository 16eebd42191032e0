// The status board on the machine's own screen. Only wires.
import { runBoard } from '../../src/console/board/run-board.ts';
import { snapshotReader } from '../../src/console/read-snapshot.ts';
import { runService } from '../../src/os/run-service.ts';

runService('console', (service) =>
  runBoard(service, { input: process.stdin, output: process.stdout }, snapshotReader()),
);
