// Capture beside programs that take all processors and all memory, DuckDB among them: it loses nothing that the idle
// machine would not, and what the kernel ends for want of memory is the one that took it. Weight and protection are those
// of its unit file; the protection is put on the hog's account, since taking it off capture's needs a right of its own. npm run test:long -- hogs
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, expect, test } from 'vitest';
import { ControlGroup } from './control-group.ts';
import { LoadedCapture } from './loaded-capture.ts';

const SECONDS = 20;
/** Of what the idle machine takes: the senders share their processor with the hogs, too. */
const SHARE_OF_LIMIT = 0.5;
const MEMORY_BYTES = 2 * 2 ** 30;
const USUAL_WEIGHT = 100;
const LEAST_KILLS = 1;

const unit = readFileSync('services/capture/mss-capture.service', 'utf8');
const setting = (name: string): number => Number(new RegExp(`^${name}=(-?\\d+)$`, 'm').exec(unit)![1]);

const isAble = ControlGroup.isAble('hogs');
const capture = isAble ? await LoadedCapture.start('hogs', 'imix', { packetLog: { bytes: 2 ** 29 } }) : undefined;
const hogs = new Set<ChildProcess>();
const groups: ControlGroup[] = [];
let over = false;
afterAll(async () => {
  over = true;
  for (const hog of hogs) hog.kill('SIGKILL');
  await capture?.close();
  for (const group of groups) await group.remove();
});

/** Runs a program in a group until the test is over, again whenever it ended. */
function keepRunning(program: string, args: readonly string[], group: ControlGroup): void {
  const hog = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  group.take(hog.pid!);
  hogs.add(hog);
  hog.once('exit', () => {
    hogs.delete(hog);
    if (!over) keepRunning(program, args, group);
  });
}

const DUCKDB_HOG = `
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create()).connect();
  for (;;) await connection.run('select count(distinct i % 100000) from range(50000000) t(i)');`;

test.skipIf(capture === undefined)(
  'nothing is lost beside hogs of processor and memory; the kernel ends the hog',
  async () => {
    // memory is wanted by all, processor time by each group for itself
    const ours = new ControlGroup('mss-capture', setting('CPUWeight'));
    const theirs = new ControlGroup('mss-hogs', USUAL_WEIGHT);
    const memory = new ControlGroup('mss-memory', USUAL_WEIGHT, MEMORY_BYTES);
    groups.push(ours, theirs, memory);
    ours.take(capture!.pid);
    memory.takeMemory(capture!.pid);

    const packetsPerSecond = (await capture!.findLossFreeRate()) * SHARE_OF_LIMIT;
    const idle = await capture!.send(packetsPerSecond * SECONDS, packetsPerSecond);
    for (let i = 0; i < 2 * availableParallelism(); i++) keepRunning('sh', ['-c', 'while :; do :; done'], theirs);
    keepRunning(process.execPath, ['--input-type=module', '-e', DUCKDB_HOG], theirs);
    const hog = `echo $$ > ${memory.memoryProcesses}; echo ${-setting('OOMScoreAdjust')} > /proc/$$/oom_score_adj`;
    keepRunning('sh', ['-c', `${hog}; exec tail /dev/zero`], theirs);
    const beside = await capture!.send(packetsPerSecond * SECONDS, packetsPerSecond);

    process.stderr.write(
      `hogs: CPUWeight ${setting('CPUWeight')}, OOMScoreAdjust ${setting('OOMScoreAdjust')}; at ` +
        `${Math.round(packetsPerSecond)} packets/s ${idle.lost} lost when idle, ${beside.lost} beside the hogs; the ` +
        `kernel ended the hog of memory ${memory.kills} times\n`,
    );
    expect(idle.lost).toBe(0);
    expect(beside.lost).toBe(0);
    expect(memory.kills).toBeGreaterThanOrEqual(LEAST_KILLS);
    await capture!.stop(); // it still lives, and ends well
  },
);
