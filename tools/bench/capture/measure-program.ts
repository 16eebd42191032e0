// One program under one load: started, warmed up, measured, ended. Processor time is the scheduler's own count of all
// its threads (/proc/<pid>/task/*/schedstat, nanoseconds); what its kernel threads write behind it is nobody's.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { MssError } from '../../../src/errors.ts';
import { CAPTURED_END, type Field, type Senders } from './field.ts';
import type { Program } from './programs.ts';

/** What the disk has to hold at most, of one program. */
const MOST_BYTES = 2.2e9;
/** At half the load, before the measurement: programs that run for months are compared, not how they start. */
const WARM_UP_BYTES = 1e9;
const SETTLE_MS = 500;
const IDLE_US = 5000;
const DRAIN_MS = 6000;
const START_MS = 20_000;
const END_MS = 8000;

export interface Load {
  packetsPerSecond: number;
  averageBytes: number;
  seconds: number;
}

export interface Measured {
  packets: number;
  bytes: number;
  packetsPerSecond: number;
  storedPackets: number;
  /** of what was offered, 0 to 1 */
  loss: number;
  /** microseconds a stored packet */
  packetUs: number;
  /** processor seconds for a stored gigabyte on the wire */
  gigabyteSeconds: number;
}

/**
 * @param dir an empty folder for all that the program writes.
 * @throws MssError `io` where the program does not start, or does not say what it stored.
 */
export async function measureProgram(
  field: Field,
  senders: Senders,
  program: Program,
  load: Load,
  dir: string,
): Promise<Measured> {
  const { args, env } = program.prepare(dir, CAPTURED_END);
  const child = field.startCapture(program.binary, args, env);
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-16_384);
    });
  }
  const exited = once(child, 'exit');
  try {
    await listening(child, () => output);
    const warmUp = await senders.burst(Math.floor(WARM_UP_BYTES / load.averageBytes), load.packetsPerSecond / 2);
    await drained(child);
    const beforeUs = processorUs(child);
    const most = Math.floor(MOST_BYTES / load.averageBytes);
    const packets = Math.min(most, Math.floor(load.packetsPerSecond * load.seconds));
    const sent = await senders.burst(packets, load.packetsPerSecond);
    await drained(child);
    const us = processorUs(child) - beforeUs;
    child.kill(program.signal);
    const ended = await Promise.race([exited, sleep(END_MS, undefined)]);
    if (ended === undefined) child.kill('SIGKILL');
    await exited;
    const stored = program.stored(output, dir);
    if (stored === undefined) throw new MssError('io', `${program.name} did not say what it stored:\n${output}`);
    const storedPackets = Math.max(1, Math.min(sent.packets, stored - warmUp.packets));
    return {
      packets: sent.packets,
      bytes: sent.bytes,
      packetsPerSecond: sent.packets / sent.seconds,
      storedPackets,
      loss: 1 - storedPackets / sent.packets,
      packetUs: us / storedPackets,
      gigabyteSeconds: us / 1e6 / ((sent.bytes / 1e9) * (storedPackets / sent.packets)),
    };
  } finally {
    child.kill('SIGKILL');
  }
}

/** Until a packet socket of any process in its namespace is bound, and some time to get ready behind it. */
async function listening(child: ChildProcess, output: () => string): Promise<void> {
  const endMs = performance.now() + START_MS;
  const bound = () => /^\S+\s+\d+\s+3\s+0003\s/m.test(readFileSync(`/proc/${child.pid}/net/packet`, 'utf8'));
  await sleep(SETTLE_MS);
  while (child.exitCode === null && performance.now() < endMs) {
    await sleep(SETTLE_MS);
    if (bound()) return sleep(SETTLE_MS);
  }
  throw new MssError('io', `a program did not begin to capture:\n${output()}`);
}

/** Until it has nothing to do any more. */
async function drained(child: ChildProcess): Promise<void> {
  const endMs = performance.now() + DRAIN_MS;
  for (let before = Number.NEGATIVE_INFINITY; performance.now() < endMs; ) {
    const now = processorUs(child);
    if (now - before < IDLE_US) return;
    before = now;
    await sleep(SETTLE_MS);
  }
}

function processorUs(child: ChildProcess): number {
  const dir = `/proc/${child.pid}/task`;
  const nanoseconds = readdirSync(dir).map((id) =>
    Number(readFileSync(`${dir}/${id}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1000;
}
