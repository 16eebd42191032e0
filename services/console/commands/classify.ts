// mss classify: a person's classes of alerts and log events. Words as everywhere; what matches is highlighted, mailed,
// blocked, ranked, ignored or deleted.
import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CLASS_ACTIONS, CLASS_SUBJECTS } from '../../../src/config/sensor-config.ts';
import { editClasses } from '../../../src/console/edit-config.ts';
import { emit, runCommand } from '../../../src/console/output.ts';
import { askPortal } from '../../../src/console/search/ask-portal.ts';
import { MssError, messageOf } from '../../../src/errors.ts';
import { loadConfig } from '../../../src/os/config-file.ts';
import { paths } from '../../../src/paths.ts';
import { type Class, planClassify } from '../../../src/respond/classification.ts';

interface Options {
  json?: boolean;
  action?: Class['action'];
  rank?: number;
  last?: string;
  of?: (typeof CLASS_SUBJECTS)[number];
  domain?: string;
}

export function register(program: Command): void {
  const classify = program
    .command('classify')
    .description('classes of alerts and log events: what is done with what your words match');
  const verb = (usage: string, description: string) =>
    classify.command(usage).description(description).option('--json', 'one JSON object a line');
  const run = ({ json }: Options, act: () => string | Promise<string>) =>
    runCommand(json === true, async () => {
      const text = await act();
      emit(json === true, { type: 'classes', text }, text);
    });

  classify
    .command('list', { isDefault: true })
    .description('all classes, in the order in which they count')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: Options) =>
      runCommand(json, () => {
        const { classes, trash } = loadConfig().config.classify;
        for (const one of classes) emit(json, { type: 'class', ...one }, renderClass(one));
        for (const one of trash) emit(json, { type: 'class', removed: true, ...one }, `(removed) ${renderClass(one)}`);
        if (classes.length === 0 && !json) process.stderr.write('no class yet; see "mss classify add --help"\n');
      }),
    );

  const ofOption = () =>
    new Option('--of <what>', 'what the words are asked of; a log event that matches becomes an alert')
      .choices(CLASS_SUBJECTS)
      .default('alerts');
  verb('add <name> <words>', 'a new class, last in the order; says how much of the last day it matches')
    .requiredOption('--action <action>', `one of ${CLASS_ACTIONS.join(', ')}`, parseAction)
    .option('--rank <n>', 'added to the rank of what matches, -100 to 100', Number, 0)
    .addOption(ofOption())
    .option('--domain <name>', 'counts on sensors of this domain only')
    .action((name: string, words: string, options: Required<Pick<Options, 'action' | 'rank' | 'of'>> & Options) =>
      run(options, async () => {
        const { action, rank, of, domain } = options;
        const added: Class = {
          name,
          words,
          action,
          rank,
          ...(of === 'logs' ? { of } : {}),
          ...(domain === undefined ? {} : { domain }),
        };
        planClassify([added], '');
        const tested = await countMatches(words, of, '24h').then(
          renderSum,
          (error) => `not tested: ${messageOf(error)}`,
        );
        const stored = await editClasses(({ classes, trash }) => ({ classes: [...classes, added], trash }));
        return `${tested}; ${stored}`;
      }),
    );
  verb('remove <name>', 'takes a class away; it can be restored').action((name: string, options: Options) =>
    run(options, () =>
      editClasses(({ classes, trash }) => {
        const one = pick(classes, name);
        return { classes: without(classes, name), trash: [...without(trash, name), one] };
      }),
    ),
  );
  verb('restore <name>', 'brings a removed class back, last in the order').action((name: string, options: Options) =>
    run(options, () =>
      editClasses(({ classes, trash }) => ({ classes: [...classes, pick(trash, name)], trash: without(trash, name) })),
    ),
  );
  verb('export <file>', 'all classes as JSON').action((file: string, options: Options) =>
    run(options, () => {
      const { classes } = loadConfig().config.classify;
      writeFileSync(file, `${JSON.stringify(classes, null, 2)}\n`);
      return `${classes.length} classes written to ${file}`;
    }),
  );
  verb('import <file>', 'the classes of a JSON file in place of all there are').action(
    (file: string, options: Options) =>
      run(options, () => {
        const classes = readClasses(file);
        return editClasses(({ trash }) => ({ classes, trash }));
      }),
  );
  verb('test <words>', 'what of the last day (--last) the words match')
    .option('--last <time>', 'like 90m, 24h, 7d', '24h')
    .addOption(ofOption())
    .action((words: string, { json = false, last = '24h', of = 'alerts' }: Options) =>
      runCommand(json, async () => {
        planClassify([{ name: 'test', words, action: 'highlight', rank: 0, of }], '');
        const found = await countMatches(words, of, last);
        for (const [signature, count] of [...found.kinds].sort((a, b) => b[1] - a[1])) {
          emit(json, { type: 'class-test', signature, [of]: count }, `${String(count).padStart(6)}  ${signature}`);
        }
        emit(json, { type: 'class-test-sum', [of]: found.count, more: found.more }, renderSum(found));
      }),
    );
}

interface Matches {
  of: (typeof CLASS_SUBJECTS)[number];
  last: string;
  /** by signature, or by the program that logged */
  kinds: Map<string, number>;
  count: number;
  more: boolean;
}

/** @throws MssError where the portal does not answer */
async function countMatches(words: string, of: Matches['of'], last: string): Promise<Matches> {
  const { rows, more } = await askPortal(paths.portalSocket, of, { filter: words, last, limit: '10000' });
  const kinds = new Map<string, number>();
  for (const row of rows) {
    const kind = row.type === 'alert' ? row.eve.alert?.signature : row.type === 'log' ? row.log.app : undefined;
    kinds.set(kind ?? '?', (kinds.get(kind ?? '?') ?? 0) + 1);
  }
  return { of, last, kinds, count: rows.length, more };
}

const renderSum = ({ of, last, count, more }: Matches): string =>
  `${more ? 'more than ' : ''}${count} ${of === 'logs' ? 'log events' : 'alerts'} of the last ${last} match`;

const renderClass = ({ name, words, action, rank, of, domain }: Class): string =>
  [
    `${name}: ${of === 'logs' ? 'logs ' : ''}${words} -> ${action}`,
    ...(rank === 0 ? [] : [`rank ${rank > 0 ? '+' : ''}${rank}`]),
    ...(domain === undefined ? [] : [`in domain ${domain}`]),
  ].join(', ');

const without = (classes: readonly Class[], name: string): Class[] => classes.filter((one) => one.name !== name);

function pick(classes: readonly Class[], name: string): Class {
  const found = classes.find((one) => one.name === name);
  if (found === undefined) throw new MssError('not-found', `there is no class "${name}"; "mss classify" lists them`);
  return found;
}

function parseAction(text: string): Class['action'] {
  const action = CLASS_ACTIONS.find((one) => one === text);
  if (action === undefined) throw new InvalidArgumentError(`one of ${CLASS_ACTIONS.join(', ')}`);
  return action;
}

/** What is in the file is checked with the whole configuration. */
function readClasses(file: string): Class[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Class[];
  } catch (cause) {
    throw new MssError('input', `cannot read classes from ${file}: ${messageOf(cause)}`, { cause });
  }
}
