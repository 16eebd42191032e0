// npm run bench:capture [-- --mix 64,imix,… --only ours,tcpdump,… --seconds N --dir DIR]
// Our capture service beside tcpdump, dumpcap, netsniff-ng and stenotype: the same offered load on the same veth pair
// in the same run, processor time a packet and loss; then our own limit, without a network. Needs root.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MssError } from '../../src/errors.ts';
import { figure, findProgram, main } from '../shell.ts';
import { Field, Senders } from './capture/field.ts';
import type { Limit } from './capture/limit.ts';
import { type Measured, measureProgram } from './capture/measure-program.ts';
import { PEERS, PROGRAMS, type ProgramName } from './capture/programs.ts';
import { MIXES, type Mix } from './capture/traffic.ts';

/** Of what the senders can do: all programs meet the same load, and none slows the senders down. */
const OFFERED_SHARE = 0.8;
const CALIBRATION_PACKETS = 400_000;

type Results = Map<Mix, Map<ProgramName, Measured>>;

await main(async () => {
  const { values } = parseArgs({
    options: {
      mix: { type: 'string', default: MIXES.join() },
      only: { type: 'string', default: ['ours', ...PEERS, 'limit'].join() },
      seconds: { type: 'string', default: '4' },
      dir: { type: 'string', default: tmpdir() },
    },
  });
  if (process.getuid?.() !== 0) throw new MssError('io', 'packet sockets and namespaces need root: run it as root');
  const mixes = MIXES.filter((mix) => values.mix.split(',').includes(mix));
  const only = values.only.split(',');
  const work = mkdtempSync(join(values.dir, 'mss-bench-'));
  const field = await Field.create();
  try {
    const results: Results = new Map();
    for (const mix of mixes) results.set(mix, await measureMix(field, mix, only, Number(values.seconds), work));
    const limits = new Map<Mix, Limit>();
    if (only.includes('limit')) {
      row('our own limit, one core', 'Mpps', 'GB/s', 'index', 'rewrite', 'write', 'encrypted', 'render us/packet');
      for (const mix of mixes) limits.set(mix, await measureLimit(field, mix, work));
    }
    showFigures(results, limits);
  } finally {
    await field.remove();
    rmSync(work, { recursive: true });
  }
});

async function measureMix(field: Field, mix: Mix, only: string[], seconds: number, work: string) {
  const senders = new Senders(field, mix);
  const measured = new Map<ProgramName, Measured>();
  try {
    const { packets, bytes, seconds: took } = await senders.burst(CALIBRATION_PACKETS, 0);
    const packetsPerSecond = Math.floor((packets / took) * OFFERED_SHARE);
    const averageBytes = bytes / packets;
    const offered = `${(packetsPerSecond / 1e6).toFixed(2)} Mpps, ${((packetsPerSecond * averageBytes * 8) / 1e9).toFixed(1)} Gbps`;
    row(`${mix}: ${offered}`, 'us/packet', 's/GB', 'lost %', 'sent Mpps');
    for (const program of PROGRAMS) {
      if (!only.includes(program.name)) continue;
      if (program.name !== 'ours' && findProgram(program.binary) === undefined) {
        process.stdout.write(`${program.binary} is left out: not installed (sh tools/setup.sh bench)\n`);
        continue;
      }
      const dir = join(work, program.name);
      mkdirSync(dir);
      const one = await measureProgram(field, senders, program, { packetsPerSecond, averageBytes, seconds }, dir);
      rmSync(dir, { recursive: true });
      measured.set(program.name, one);
      const { packetUs, gigabyteSeconds, loss } = one;
      row(`  ${program.name}`, packetUs, gigabyteSeconds, loss * 100, one.packetsPerSecond / 1e6);
    }
  } finally {
    senders.end();
  }
  return measured;
}

async function measureLimit(field: Field, mix: Mix, work: string): Promise<Limit> {
  const dir = join(work, 'limit');
  mkdirSync(dir);
  const limit = await field.measureLimit(mix, dir);
  rmSync(dir, { recursive: true });
  const { packetsPerSecond, gigabytesPerSecond, indexUs, rewriteUs, writeUs, sealUs, renderIndexUs } = limit;
  row(`  ${mix}`, packetsPerSecond / 1e6, gigabytesPerSecond, indexUs, rewriteUs, writeUs, sealUs, renderIndexUs);
  return limit;
}

function showFigures(results: Results, limits: ReadonlyMap<Mix, Limit>): void {
  for (const [mix, measured] of results) {
    const ours = measured.get('ours');
    for (const [name, { packetUs, gigabyteSeconds, loss }] of measured) {
      figure(`loss-${name}-${mix}`, loss * 100, '%');
      if (name !== 'ours') {
        if (ours !== undefined) figure(`cpu-ratio-${name}-${mix}`, ours.packetUs / packetUs, 'ours/theirs');
        continue;
      }
      figure(`cpu-ours-${mix}`, packetUs, 'us/packet');
      figure(`cpu-gigabyte-ours-${mix}`, gigabyteSeconds, 's/GB');
    }
  }
  for (const [mix, { packetsPerSecond, writeUs, sealUs }] of limits) {
    figure(`limit-${mix}`, packetsPerSecond / 1e6, 'Mpps');
    figure(`encryption-${mix}`, sealUs - writeUs, 'us/packet');
  }
}

function row(title: string, ...cells: (string | number)[]): void {
  const texts = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(3) : cell).padStart(10));
  process.stdout.write(`${title.padEnd(32)}${texts.join('')}\n`);
}
