// `mss import`: capture files through the whole pipeline with their own time stamps.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { createHomeTest } from '../../../src/analysis/home-side.ts';
import type { Storage } from '../../../src/api/storage.ts';
import { emit, runCommand } from '../../../src/console/output.ts';
import { MssError } from '../../../src/errors.ts';
import { importFiles } from '../../../src/ids/import/import-files.ts';
import { planImportRules, readImportRules } from '../../../src/ids/import/import-rules.ts';
import {
  AlertTable,
  renderFile,
  renderIncident,
  renderSummary,
  renderSuspect,
  renderWholeCampaign,
} from '../../../src/ids/import/render-import.ts';
import { findCurrentRulesFile } from '../../../src/ids/rulesets/ruleset-store.ts';
import { compileDecoders } from '../../../src/logs/normalize.ts';
import { openCaptureFile } from '../../../src/os/capture-file.ts';
import { loadConfig } from '../../../src/os/config-file.ts';
import { decodersDir, loadDecoders } from '../../../src/os/decoder-files.ts';
import { requireEngine } from '../../../src/os/engine-process.ts';
import { enterStoreAs, findImportUser, useOpenTemporaryFolder } from '../../../src/os/import-rights.ts';
import { paths } from '../../../src/paths.ts';
import { createFileEngine } from '../../../src/suricata/apply-session.ts';

interface Options {
  homeNet?: string[];
  rules?: string;
  store?: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('import')
    .description(
      'inspect capture files (pcap, pcapng) and log files beside them, also gzip or zstd, as the sensor would',
    )
    .argument(
      '<file...>',
      "capture and log files, in order of time where there are several: rules' thresholds go on over all",
    )
    .option('--home-net <CIDR,...>', 'the networks that are yours; default: the configured ones', parseBlocks)
    .option('--rules <path>', 'a rule file, a folder of *.rules or a rule tarball; default: the rules in force')
    .option('--store <dir>', 'keep packets and index in this folder; default: a temporary one, removed at the end')
    .option('--json', 'one JSON object a line')
    .action((files: string[], options: Options) => runCommand(options.json === true, () => importAll(files, options)));
}

async function importAll(files: string[], options: Options): Promise<void> {
  const json = options.json === true;
  const program = requireEngine();
  const { ids } = loadConfig().config;
  const normalize = compileDecoders(loadDecoders(decodersDir(import.meta.url)));
  const texts = await readImportRules(options.rules, findCurrentRulesFile(paths));
  const user = findImportUser();
  if (user !== undefined) useOpenTemporaryFolder();
  const storeDir = options.store === undefined ? mkdtempSync(join(tmpdir(), 'mss-import-')) : openStore(options.store);
  const removeTemporary = () => {
    if (options.store === undefined) rmSync(storeDir, { recursive: true, force: true });
  };
  process.once('exit', removeTemporary);
  // an interrupted import ends at once, by way of what waits for the exit
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.once(signal, () => process.exit(code));
  const captures = files.map(openCaptureFile);
  const engine = createFileEngine(program, user);
  const alerts = new AlertTable();
  let alertsShown = json;
  const showAlerts = (next: string) => {
    if (!alertsShown) process.stdout.write(`\n${alerts.render()}\n${next === 'incident' ? '' : '\nNo incidents.\n'}`);
    alertsShown = true;
  };
  try {
    if (user !== undefined) enterStoreAs(user, storeDir);
    // from here on without root's rights
    const rules = planImportRules(texts);
    for await (const record of importFiles({
      files: captures,
      storeDir: user === undefined ? storeDir : '.',
      engine,
      homeNet: options.homeNet ?? ids.homeNet,
      trusted: ids.trusted,
      rules: rules.rules,
      rulesName: rules.name,
      rulesBroken: rules.broken,
      lists: rules.lists,
      normalize,
    })) {
      switch (record.type) {
        case 'file':
          emit(json, record, renderFile(record));
          break;
        case 'alert':
          if (json) emit(json, record);
          else alerts.add(record.eve);
          break;
        case 'incident':
          showAlerts(record.type);
          emit(json, record, `\n${renderIncident(record)}`);
          break;
        case 'campaign':
          emit(json, record, `\n${renderWholeCampaign(record)}`);
          break;
        case 'suspect':
          showAlerts(record.type);
          emit(json, record, `\n${renderSuspect(record)}`);
          break;
        case 'summary':
          showAlerts(record.type);
          emit(json, record, `\n${renderSummary(record, options.store)}`);
          if (record.failed > 0) process.exitCode = 1;
      }
    }
  } finally {
    await engine.close();
    removeTemporary();
  }
}

function parseBlocks(text: string): string[] {
  const blocks = text.split(',').map((block) => block.trim());
  try {
    createHomeTest(blocks);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
  return blocks;
}

/** The folder to keep packets in; never the one that capture writes. */
function openStore(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const live = [paths.packetFallback, readStorageDir()];
  if (live.some((one) => one !== undefined && realpathOrSame(one) === realpathSync(dir))) {
    throw new MssError(
      'usage',
      `${dir} is the live packet log; name another folder, so that old packets do not mix with new`,
    );
  }
  return dir;
}

function readStorageDir(): string | undefined {
  try {
    return (JSON.parse(readFileSync(paths.storageFile, 'utf8')) as Storage).dir;
  } catch {
    return undefined; // no sensor runs here
  }
}

function realpathOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
