// The thread of mss-capture that ends segments.
import { parentPort, workerData } from 'node:worker_threads';
import { runIndexThread } from '../../src/capture/index-thread.ts';

runIndexThread(workerData, parentPort!);
