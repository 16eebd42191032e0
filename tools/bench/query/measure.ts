// Times of questions put to a store: cold (its files out of the page cache) and warm, beside tcpdump over the same files.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Percentiles {
  p50Ms: number;
  p95Ms: number;
}

/** Takes a store's files out of the page cache, and no other's: posix_fadvise(2) by way of dd(1). */
export function forgetFiles(dir: string): void {
  const script = 'for file in "$1"/*; do dd if="$file" iflag=nocache count=0 status=none; done';
  const { status } = spawnSync('sh', ['-c', script, 'sh', dir], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`cannot take the files of ${dir} out of the page cache`);
}

/** Waits until a store's new files are on the disk: writing them would stand in the way of what is measured next. */
export function settleFiles(dir: string): void {
  spawnSync('sync', ['-f', dir], { stdio: 'ignore' });
}

/** Puts each question once; `before` is not timed. */
export async function timeEach<T>(
  questions: readonly T[],
  ask: (question: T) => Promise<void>,
  before: () => unknown = () => {},
): Promise<Percentiles> {
  const times: number[] = [];
  for (const question of questions) {
    await before();
    const startMs = performance.now();
    await ask(question);
    times.push(performance.now() - startMs);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { p50Ms: at(0.5), p95Ms: at(0.95) };
}

/** Seconds that tcpdump takes for all segments, one after the other; the packets go nowhere. */
export function timeTcpdump(dir: string, filter: string): number {
  const script = 'for file in "$1"/*.pcapng; do tcpdump -nn -r "$file" -w - "$2" 2>/dev/null >/dev/null; done';
  const startMs = performance.now();
  spawnSync('sh', ['-c', script, 'sh', dir, filter], { stdio: 'ignore' });
  return (performance.now() - startMs) / 1000;
}

/** Bytes that a store keeps beside the packets. */
export function sideBytes(dir: string): number {
  return readdirSync(dir)
    .filter((name) => /\.(idx|flt)$/.test(name))
    .reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}
