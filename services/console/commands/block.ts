// mss block: what is cut off. A person's blocks are configuration (respond.block); what rules and incidents brought is softips'.
import { type Command, InvalidArgumentError } from 'commander';
import { editConfig } from '../../../src/console/edit-config.ts';
import { emit, runCommand } from '../../../src/console/output.ts';
import { MssError } from '../../../src/errors.ts';
import { loadConfig, loadDesired } from '../../../src/os/config-file.ts';
import { findStatus } from '../../../src/os/status-file.ts';
import { paths } from '../../../src/paths.ts';
import { parseBlockEntry, renderBlockEntry, renderTarget } from '../../../src/respond/soft-ips/block-entry.ts';

const json = (command: Command): Command => command.option('--json', 'one JSON object a line');

interface Listed {
  target: string;
  host?: string;
  why: string;
  untilMs?: number;
}

export function register(program: Command): void {
  const block = program.command('block').description('cut hosts off, or see what is cut off');

  json(block.command('list', { isDefault: true }).description('the blocks in force')).action(
    (options: { json?: boolean }) =>
      runCommand(options.json === true, () => {
        const status = findStatus(paths, 'softips');
        if (status === undefined) throw new MssError('not-found', 'softips does not run: "mss status" says why');
        const blocks = (status.detail.blocks ?? []) as Listed[];
        for (const { target, host, why, untilMs } of blocks) {
          const towards = host === undefined ? '' : ` towards ${host}`;
          const until = untilMs === undefined ? '' : ` until ${new Date(untilMs).toISOString()}`;
          emit(
            options.json === true,
            { type: 'block', target, host, why, untilMs },
            `${target}${towards}${until}  ${why}`,
          );
        }
        if (options.json !== true) process.stderr.write(`${status.message}\n`);
      }),
  );

  json(
    block
      .command('add')
      .description('block an address or CIDR block')
      .argument('<address>')
      .option('--minutes <n>', 'for so long; without it until it is removed', parseMinutes),
  ).action((address: string, options: { json?: boolean; minutes?: number }) =>
    runCommand(options.json === true, async () => {
      const { target } = parseBlockEntry(address);
      const untilMs = options.minutes === undefined ? undefined : Date.now() + options.minutes * 60_000;
      const entry = renderBlockEntry({ target, untilMs });
      const text = await editConfig('respond.block', [...entriesWithout(renderTarget(target)), entry].join(','));
      const { mode } = loadConfig().config.respond;
      const hint = mode === 'block' ? '' : `; response is set to ${mode}: mss config set respond.mode block`;
      emit(options.json === true, { type: 'block', target: entry, mode, text }, `${entry}: ${text}${hint}`);
    }),
  );

  json(block.command('remove').description("take a person's block away").argument('<address>')).action(
    (address: string, options: { json?: boolean }) =>
      runCommand(options.json === true, async () => {
        const target = renderTarget(parseBlockEntry(address).target);
        const entries = entriesWithout(target);
        if (entries.length === loadDesired(paths).respond.block.length) {
          throw new MssError('not-found', `${target} is not blocked by a person; "mss block" lists what is in force`);
        }
        const text = await editConfig('respond.block', entries.join(','));
        emit(options.json === true, { type: 'block', target, text }, text);
      }),
  );
}

const entriesWithout = (target: string): string[] =>
  loadDesired(paths).respond.block.filter((entry) => renderTarget(parseBlockEntry(entry).target) !== target);

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (!Number.isInteger(minutes) || minutes < 1) throw new InvalidArgumentError('a whole number of minutes');
  return minutes;
}
