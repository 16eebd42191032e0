// The thread of mss-capture that reports flows.
import { parentPort, workerData } from 'node:worker_threads';
import { runFlowThread } from '../../src/capture/flows/flow-thread.ts';

runFlowThread(workerData, parentPort!);
