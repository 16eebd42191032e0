// mss classify: a person's classes of alerts. Words as everywhere; what matches is highlighted, mailed, blocked, ranked, ignored or deleted.
import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { CLASS_ACTIONS } from '../../../src/config/sensor-config.ts';
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
}

export function register(program: Command): void {
  const classify = program
    .command('classify')
    .description('classes of alerts: what is done with what your words match');
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

  verb('add <name> <words>', 'a new class, last in the order; see how much it matches with "test" first')
    .requiredOption('--action <action>', `one of ${CLASS_ACTIONS.join(', ')}`, parseAction)
    .option('--rank <n>', 'added to the rank of what matches, -100 to 100', Number, 0)
    .action((name: string, words: string, options: Required<Options>) =>
      run(options, () => {
        const added: Class = { name, words, action: options.action, rank: options.rank };
        planClassify([added]);
        return editClasses(({ classes, trash }) => ({ classes: [...classes, added], trash }));
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
  verb('test <words>', 'which alerts of the last day (--last) the words match')
    .option('--last <time>', 'like 90m, 24h, 7d', '24h')
    .action((words: string, { json = false, last = '24h' }: Options) =>
      runCommand(json, async () => {
        planClassify([{ name: 'test', words, action: 'highlight', rank: 0 }]);
        const asked = { filter: words, last, limit: '10000' };
        const { rows, more } = await askPortal(paths.portalSocket, 'alerts', asked);
        const counts = new Map<string, number>();
        for (const row of rows) {
          const signature = row.type === 'alert' ? (row.eve.alert?.signature ?? '?') : '?';
          counts.set(signature, (counts.get(signature) ?? 0) + 1);
        }
        for (const [signature, alerts] of [...counts].sort((a, b) => b[1] - a[1])) {
          emit(json, { type: 'class-test', signature, alerts }, `${String(alerts).padStart(6)}  ${signature}`);
        }
        const total = `${more ? 'more than ' : ''}${rows.length}`;
        emit(json, { type: 'class-test-sum', alerts: rows.length, more }, `${total} alerts of the last ${last} match`);
      }),
    );
}

const renderClass = ({ name, words, action, rank }: Class): string =>
  `${name}: ${words} -> ${action}${rank === 0 ? '' : `, rank ${rank > 0 ? '+' : ''}${rank}`}`;

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
