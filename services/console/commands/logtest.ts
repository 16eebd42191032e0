// mss logtest: what the sensor would make of log lines, line by line: grammar, decoder, fields.
import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import type { LogRecord } from '../../../src/api/log-record.ts';
import { emit, runCommand } from '../../../src/console/output.ts';
import { MssError, messageOf } from '../../../src/errors.ts';
import { escapeControl } from '../../../src/log.ts';
import { compileDecoders } from '../../../src/logs/normalize.ts';
import { parseLog } from '../../../src/logs/parse.ts';
import { FACILITIES, SEVERITIES } from '../../../src/logs/priority.ts';
import { decodeMessage } from '../../../src/logs/text.ts';
import { decodersDir, loadDecoders } from '../../../src/os/decoder-files.ts';
import { StreamFramer } from '../../../src/syslog-x/framing.ts';

interface Options {
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('logtest')
    .description('what the sensor makes of log lines')
    .argument('[file]', 'a file of log lines; standard input without it')
    .option('--json', 'one JSON object a line')
    .action((file: string | undefined, { json = false }: Options) => runCommand(json, () => testLines(file, json)));
}

async function testLines(file: string | undefined, json: boolean): Promise<void> {
  const normalize = compileDecoders(loadDecoders(decodersDir(import.meta.url)));
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
    emit(json, describe(log), json ? undefined : renderText(log));
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
function describe(log: LogRecord) {
  const { format, facility, severity, host, app, procId, msgId, structuredData, message, raw } = log;
  const header = { format, facility, severity, host, app, procId, msgId, structuredData };
  const time = new Date(log.timeUs / 1000).toISOString();
  const fields = log.fields ?? {};
  return { type: 'log', decoder: log.decoder ?? format, fields, rules: [], time, header, message, raw };
}

function renderText(log: LogRecord): string {
  const { decoder, header, time, fields } = describe(log);
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
  return lines.map(escapeControl).join('\n');
}
