// mss key: the pair of keys for encryption at rest. The public one goes into packetLog.encryptTo; the private one belongs
// elsewhere, and comes back to read.
import type { Command } from 'commander';
import { emit, runCommand } from '../../../src/console/output.ts';
import { MssError } from '../../../src/errors.ts';
import { loadConfig } from '../../../src/os/config-file.ts';
import {
  listUnlocked,
  lockPacketKeys,
  readPacketKey,
  unlockPacketKey,
  writePacketKey,
} from '../../../src/os/packet-key-files.ts';
import { run } from '../../../src/os/process.ts';
import { paths } from '../../../src/paths.ts';
import {
  createPacketKey,
  keyId,
  parsePublicKey,
  renderPrivateKey,
  renderPublicKey,
} from '../../../src/store/sealed/packet-keys.ts';

interface Options {
  json?: boolean;
  write?: string;
  hours?: string;
}

const MOST_HOURS = 24 * 31;

export function register(program: Command): void {
  const key = program.command('key').description('keys for packets that are encrypted on disk');
  const verb = (name: string, description: string) =>
    key.command(name).description(description).option('--json', 'one JSON object a line');
  verb('new', 'a new pair; the private key is written once, and kept nowhere')
    .option('-w, --write <file>', 'write the private key there instead of showing it')
    .action(({ json = false, write }: Options) => runCommand(json, () => makeKey(json, write)));
  verb('show', "a private key's id and public half; without a file what is in use here")
    .argument('[file]')
    .action((file: string | undefined, { json = false }: Options) => runCommand(json, () => showKeys(json, file)));
  verb('unlock', 'lets queries and pages read encrypted packets for a time')
    .argument('<file>')
    .option('--hours <n>', 'for how long', '8')
    .action((file: string, { json = false, hours = '8' }: Options) =>
      runCommand(json, () => unlock(json, file, hours)),
    );
  verb('lock', 'takes all unlocked keys away').action(({ json = false }: Options) =>
    runCommand(json, () => {
      const keys = lockPacketKeys(paths.unlockedKeysDir);
      emit(json, { type: 'locked', keys }, `unlocked keys taken away: ${keys}`);
    }),
  );
}

function makeKey(json: boolean, file: string | undefined): void {
  const pair = createPacketKey();
  const [id, publicKey] = [keyId(pair.publicKey), renderPublicKey(pair.publicKey)];
  const privateKey = file === undefined ? renderPrivateKey(pair) : undefined;
  if (file !== undefined) writePacketKey(file, pair);
  const text = [
    privateKey?.trimEnd() ?? `the private key is in ${file}`,
    `key ${id}: keep the private key off this sensor, and twice; without it what is encrypted is lost`,
    `to encrypt from now on: mss config set packetLog.encryptTo ${publicKey}`,
  ].join('\n');
  emit(json, { type: 'key', id, publicKey, privateKey, file }, text);
}

function showKeys(json: boolean, file: string | undefined): void {
  if (file !== undefined) {
    emitKey(json, readPacketKey(file).publicKey, `in ${file}`);
    return;
  }
  const used = loadConfig().config.packetLog.encryptTo;
  for (const text of used) emitKey(json, parsePublicKey(text), 'packets are encrypted for it');
  for (const { id, untilMs } of listUnlocked(paths.unlockedKeysDir, Date.now())) {
    const until = new Date(untilMs).toISOString();
    emit(json, { type: 'unlocked', id, until }, `${id}  unlocked until ${until}`);
  }
  if (used.length === 0) process.stderr.write('packets are not encrypted; "mss key new" makes a pair of keys\n');
}

async function unlock(json: boolean, file: string, hours: string): Promise<void> {
  const untilMs = Date.now() + parseHours(hours) * 3_600_000;
  const { id, path } = unlockPacketKey(paths.unlockedKeysDir, readPacketKey(file), untilMs);
  const until = new Date(untilMs).toISOString();
  const stays = (await removeLater(path, untilMs)) ? '' : '; its copy in memory stays until "mss key lock"';
  emit(json, { type: 'unlocked', id, until }, `key ${id} is unlocked until ${until}${stays}`);
}

function emitKey(json: boolean, publicKey: Uint8Array, what: string): void {
  const [id, text] = [keyId(publicKey), renderPublicKey(publicKey)];
  emit(json, { type: 'key', id, publicKey: text }, `${id}  ${text}  ${what}`);
}

function parseHours(text: string): number {
  const hours = Number(text);
  if (hours > 0 && hours <= MOST_HOURS) return hours;
  throw new MssError('usage', `--hours "${text}": give a number of hours up to ${MOST_HOURS}`);
}

/** Nobody uses an expired key; so that it does not lie there either. @returns whether something will */
async function removeLater(path: string, untilMs: number): Promise<boolean> {
  const seconds = Math.ceil((untilMs - Date.now()) / 1000);
  const args = ['--quiet', '--collect', `--on-active=${seconds}`, '/bin/rm', '-f', path];
  return run('systemd-run', args).then(
    ({ code }) => code === 0,
    () => false,
  );
}
