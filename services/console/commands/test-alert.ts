// `mss test-alert`: a harmless marker, and whether it comes back as an alert and a packet.
import { type Command, InvalidArgumentError } from 'commander';
import { emit, runCommand } from '../../../src/console/output.ts';
import { MssError } from '../../../src/errors.ts';
import { MARKER_PORT, testAlertLive, testAlertLocally } from '../../../src/ids/import/test-alert.ts';
import { UDP } from '../../../src/net/protocol-number.ts';
import { findGateway, sendDatagram } from '../../../src/os/datagram.ts';
import { requireEngine } from '../../../src/os/engine-process.ts';
import { readUnlocked } from '../../../src/os/packet-key-files.ts';
import { findStorage } from '../../../src/os/storage-file.ts';
import { paths } from '../../../src/paths.ts';

interface Options {
  local?: boolean;
  to?: string;
  seconds: number;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('test-alert')
    .description('send a harmless marker and wait for its alert and its packet')
    .option('--local', 'import a built-in capture instead of sending anything')
    .option('--to <address>', 'where to send the marker; default: the gateway')
    .option('--seconds <n>', 'how long to wait', parseSeconds, 30)
    .option('--json', 'one JSON object a line')
    .action((options: Options) => runCommand(options.json === true, () => testAlert(options)));
}

async function testAlert(options: Options): Promise<void> {
  const result = options.local === true ? await testAlertLocally(requireEngine()) : await testLive(options);
  emit(options.json === true, result, result.text);
  if (!result.ok) process.exitCode = 1;
}

async function testLive(options: Options) {
  const to = options.to ?? findGateway();
  if (to === undefined) throw new MssError('network', 'no gateway to send the marker to; name an address with --to');
  const storeDir = findStorage()?.dir;
  if (storeDir === undefined) {
    throw new MssError('not-found', 'no sensor runs here; start it, or use --local');
  }
  return await testAlertLive({
    spoolDir: paths.spoolDir('ids'),
    storeDir,
    timeoutMs: options.seconds * 1000,
    keys: readUnlocked(paths.unlockedKeysDir, Date.now()),
    send: async (text) => {
      const { address, port } = await sendDatagram(text, to, MARKER_PORT);
      return { src: address, srcPort: port, dst: to, dstPort: MARKER_PORT, proto: UDP };
    },
  });
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 1 && seconds <= 3600)) throw new InvalidArgumentError('a number of seconds from 1 to 3600');
  return seconds;
}
