// The capture thread of mss-capture.
import { parentPort, workerData } from 'node:worker_threads';
import { runRingThread } from '../../src/capture/ring-thread.ts';

runRingThread(workerData, parentPort!);
