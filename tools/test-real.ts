// npm run test:real: `mss import` over every capture file beside the checkout (../shared/pcaps), one by one. It must end
// without a crash, a hang or a silently skipped file; packets in = stored = found again, with tshark as the judge.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { MssError, messageOf } from '../src/errors.ts';
import { figure, main, repoDir, run } from './shell.ts';

const PCAPS = resolve(repoDir, '..', 'shared', 'pcaps');
const CAPTURE_FILE = /\.(pcap|pcapng|cap|dump)(\.gz|\.zst)?$/;
const IMPORT_MS = 10 * 60_000;

interface FileLine {
  type: 'file';
  packets: number;
  stored: number;
  skipped: number;
  why?: string;
}

function findCaptures(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && CAPTURE_FILE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Packets that tshark reads, and its complaint when it stops early. */
function countByTshark(path: string): { packets: number; complaint: string } {
  const script = path.endsWith('.zst')
    ? 'zstd -dc "$1" | tshark -n -r - -T fields -e frame.number'
    : 'tshark -n -r "$1" -T fields -e frame.number';
  const { stdout, stderr } = spawnSync('sh', ['-c', `${script} | tail -n 1`, 'sh', path], { encoding: 'utf8' });
  return { packets: Number(stdout.trim() || 0), complaint: stderr.trim().split('\n').at(-1) ?? '' };
}

/** Why the counts differ, or undefined when all is well. */
function judge(
  line: FileLine | undefined,
  tshark: { packets: number; complaint: string },
  found: number,
): string | undefined {
  if (!line) return 'mss import printed no line for it';
  if (line.packets + line.skipped < tshark.packets)
    return `tshark reads ${tshark.packets} packets (${tshark.complaint})`;
  if (line.stored !== line.packets) return `stored ${line.stored} of ${line.packets}: ${line.why ?? 'no reason given'}`;
  if (found !== line.stored) return `found again ${found} of ${line.stored}`;
  if (line.skipped > 0 && !line.why) return `skipped ${line.skipped} without a reason`;
  return undefined;
}

async function importOne(path: string): Promise<string | undefined> {
  const store = mkdtempSync(join(tmpdir(), 'mss-real-'));
  try {
    const mss = (args: string[]) =>
      run('node', [join(repoDir, 'services/console/mss.ts'), ...args], { timeoutMs: IMPORT_MS });
    const lines = (await mss(['import', path, '--store', store, '--json']))
      .split('\n')
      .filter((line) => line.startsWith('{'));
    const file = lines.map((line) => JSON.parse(line) as FileLine).find((line) => line.type === 'file');
    const all = join(store, 'all.pcapng');
    await mss(['packets', '--store', store, '-w', all]);
    return judge(file, countByTshark(path), countByTshark(all).packets);
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}

await main(async () => {
  if (!existsSync(PCAPS))
    throw new MssError('not-found', `${PCAPS} is not there: the real captures are kept beside the checkout`);
  const only = process.argv[2];
  const files = findCaptures(PCAPS).filter((path) => !only || path.includes(only));
  let failed = 0;
  for (const path of files) {
    const why = await importOne(path).catch(messageOf);
    if (why) failed++;
    process.stdout.write(`${why ? 'FAILED' : 'ok    '} ${relative(PCAPS, path)}${why ? `: ${why}` : ''}\n`);
  }
  figure('real-files', files.length, 'files');
  process.stdout.write(`${files.length - failed} passed, ${failed} failed\n`);
  if (failed > 0) process.exitCode = 1;
});
