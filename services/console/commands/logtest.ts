// mss logtest: what the sensor would make of log lines, line by line: grammar, decoder, fields, rules and why; and with
// --check which rules it would run.
import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import type { LogRecord } from '../../../src/api/log-record.ts';
import { emit, runCommand } from '../../../src/console/output.ts';
import { MssError, messageOf } from '../../../src/errors.ts';
import { escapeControl } from '../../../src/log.ts';
import { compileDecoders } from '../../../src/logs/normalize.ts';
import { parseLog } from '../../../src/logs/parse.ts';
import { FACILITIES, SEVERITIES } from '../../../src/logs/priority.ts';
import { type LogHit, LogRuleEngine } from '../../../src/logs/sigma/engine.ts';
import { countRefusals, type LogRuleset, planLogRuleset } from '../../../src/logs/sigma/ruleset.ts';
import { decodeMessage } from '../../../src/logs/text.ts';
import { loadConfig } from '../../../src/os/config-file.ts';
import { decodersDir, loadDecoders } from '../../../src/os/decoder-files.ts';
import { loadLogRuleset, loadLogSources, readLogRuleTexts, sigmaDir } from '../../../src/os/log-rule-files.ts';
import { paths } from '../../../src/paths.ts';
import { StreamFramer } from '../../../src/syslog-x/framing.ts';

interface Options {
  json?: boolean;
  rules?: string;
  decoders?: string;
  check?: boolean;
}

export function register(program: Command): void {
  program
    .command('logtest')
    .description('what the sensor makes of log lines')
    .argument('[file]', 'a file of log lines; standard input without it')
    .option('--rules <path>', 'Sigma rules of this folder or file, instead of those that run')
    .option('--decoders <dir>', 'decoders of this folder, instead of those of the release')
    .option('--check', 'no lines: which rules would run, and why others would not')
    .option('--json', 'one JSON object a line')
    .action((file: string | undefined, options: Options) =>
      runCommand(options.json === true, () =>
        options.check === true ? checkRules(options) : testLines(file, options),
      ),
    );
}

function loadRules(path: string | undefined): LogRuleset {
  const release = sigmaDir(import.meta.url);
  if (path === undefined) return loadLogRuleset({ release, own: paths.localLogRulesDir }, loadConfig().config.logs);
  return planLogRuleset({ texts: [readLogRuleTexts(path)], definitions: loadLogSources(release) });
}

/** Exit code 1 when a rule was set aside. */
function checkRules({ json = false, rules }: Options): void {
  const { detections, correlations, broken, off } = loadRules(rules);
  for (const { id, title, level, file, line } of [...detections, ...correlations]) {
    emit(json, { type: 'rule', loaded: true, id, title, level, file, line });
  }
  for (const fault of broken) {
    emit(
      json,
      { type: 'rule', loaded: false, ...fault },
      `${fault.file}:${fault.line}: ${fault.title ?? fault.id ?? ''}: ${fault.reason}`,
    );
  }
  const reasons = countRefusals(broken);
  const why = reasons.map(([kind, count]) => `${count} ${kind}`).join(', ');
  const loaded = detections.length + correlations.length;
  emit(
    json,
    { type: 'summary', loaded, correlations: correlations.length, off, refused: broken.length, reasons } as {
      type: string;
    },
    `${loaded} rules load, ${correlations.length} of them correlations; ${off} are off, ${broken.length} set aside${why && ` (${why})`}`,
  );
  if (broken.length > 0) process.exitCode = 1;
}

async function testLines(file: string | undefined, { json = false, rules, decoders }: Options): Promise<void> {
  const normalize = compileDecoders(loadDecoders(decoders ?? decodersDir(import.meta.url)));
  const engine = new LogRuleEngine(loadRules(rules));
  const now = new Date();
  const arrival = {
    arrivedUs: now.getTime() * 1000,
    offsetMinutes: -now.getTimezoneOffset(),
    sender: 'logtest',
    transport: 'tcp' as const,
  };
  const counts = { truncatedMessages: 0, truncatedBytes: 0, misframedMessages: 0 };
  const framer = new StreamFramer((bytes) => {
    const raw = decodeMessage(bytes);
    if (raw === '') return;
    const log = parseLog(raw, arrival);
    normalize(log);
    const hits = engine.match(log, true);
    emit(json, describe(log, hits), json ? undefined : renderText(log, hits));
  }, counts);
  try {
    for await (const chunk of file === undefined ? process.stdin : createReadStream(file)) framer.push(chunk as Buffer);
  } catch (cause) {
    throw new MssError('input', `cannot read ${file ?? 'standard input'}: ${messageOf(cause)}`, { cause });
  }
  framer.end();
  if (counts.truncatedMessages > 0) {
    process.stderr.write(`mss: ${counts.truncatedMessages} lines were cut, ${counts.truncatedBytes} bytes of them\n`);
  }
}

/** `decoder` is the grammar's name where no decoder knew the message. */
function describe(log: LogRecord, hits: readonly LogHit[]) {
  const { format, facility, severity, host, app, procId, msgId, structuredData, message, raw } = log;
  const header = { format, facility, severity, host, app, procId, msgId, structuredData };
  const time = new Date(log.timeUs / 1000).toISOString();
  const fields = log.fields ?? {};
  const rules = hits.map(({ rule: { id, title, level }, ...why }) => ({ id, title, level, ...why }));
  return { type: 'log', decoder: log.decoder ?? format, fields, rules, time, header, message, raw };
}

function renderText(log: LogRecord, hits: readonly LogHit[]): string {
  const { decoder, header, time, fields } = describe(log, hits);
  const { structuredData, facility, severity, ...words } = header;
  const priority = severity === undefined ? undefined : `${FACILITIES[facility ?? -1] ?? '?'}.${SEVERITIES[severity]}`;
  const pairs = (from: object) =>
    Object.entries(from)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ');
  const lines = [log.raw, `  decoder  ${decoder}`, `  header   time=${time} ${pairs({ priority, ...words })}`];
  for (const [id, parameters] of Object.entries(structuredData ?? {})) lines.push(`  [${id}]  ${pairs(parameters)}`);
  lines.push(`  fields   ${pairs(fields) || '(none)'}`);
  for (const hit of hits) lines.push(...renderHit(hit));
  return lines.map(escapeControl).join('\n');
}

function renderHit({ rule: { id, title, level }, alerts, matched, correlated }: LogHit): string[] {
  const why = matched.flatMap(({ selection, because }) => because.map((line) => `           ${selection}: ${line}`));
  if (correlated !== undefined) {
    const group = Object.entries(correlated.group).map(([field, value]) => `${field}=${value}`);
    const seconds = Math.round((correlated.lastUs - correlated.firstUs) / 1e6);
    why.push(`           ${correlated.count} within ${seconds} s for ${group.join(' ') || 'all'}`);
  }
  return [`  rule     ${title} (${level}${alerts ? '' : ', no alert of its own'}; ${id})`, ...why];
}
