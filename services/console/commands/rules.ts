// `mss rules`: the rule sets of this sensor.
import type { Command } from 'commander';
import { emit, runCommand } from '../../../src/console/output.ts';
import { MssError } from '../../../src/errors.ts';
import { renderDiff, renderSet, renderSources, renderUpdate } from '../../../src/ids/rulesets/render-rules-report.ts';
import {
  importRuleSource,
  listRuleSources,
  readRuleSource,
  removeRuleSource,
} from '../../../src/ids/rulesets/rule-sources.ts';
import { withRulesLock } from '../../../src/ids/rulesets/rules-lock.ts';
import {
  findCurrentId,
  findRuleset,
  listRulesets,
  readRulesetRules,
  undoRuleset,
} from '../../../src/ids/rulesets/ruleset-store.ts';
import { updateRules } from '../../../src/ids/rulesets/update-rules.ts';
import { log } from '../../../src/log.ts';
import { becomeService } from '../../../src/os/become-service.ts';
import { loadConfig, loadDesired } from '../../../src/os/config-file.ts';
import { consoleSocket, controlOver } from '../../../src/os/control-client.ts';
import { requireEngine } from '../../../src/os/engine-process.ts';
import { readRuleTexts } from '../../../src/os/rule-files.ts';
import { paths } from '../../../src/paths.ts';
import { diffRulesets } from '../../../src/rules/diff.ts';
import { parseEdit } from '../../../src/rules/edit.ts';
import { parseMatcher } from '../../../src/rules/matcher.ts';
import { enabledRules, planRuleset } from '../../../src/rules/ruleset.ts';
import { parseThreshold } from '../../../src/rules/threshold.ts';
import { applyRuleTest } from '../../../src/suricata/apply-test.ts';

interface Options {
  json?: boolean;
  remove?: boolean;
  local?: boolean;
}

export function register(program: Command): void {
  const rules = program.command('rules').description('rule sets: what runs, where it comes from, what changed');
  const verb = (name: string, help: string, action: (args: string[], options: Options) => Promise<void>) =>
    rules
      .command(name)
      .description(help)
      .option('--json', 'one JSON object a line')
      .action((...given: unknown[]) => {
        const options = given.at(-2) as Options;
        const args = given
          .slice(0, -2)
          .flat()
          .filter((arg): arg is string => typeof arg === 'string');
        return runCommand(options.json === true, () => action(args, options));
      });

  verb('list', 'the kept rule sets and the rules set aside', list);
  verb('sources', 'where the rules come from', sources);
  verb('update', 'read all sources, test, and put the set in force', update).option('--local', 'do not ask URLs');
  verb('enable <matcher...>', 'switch rules on: SID, GID:SID, group:FILE, re:REGEX, …', (args, options) =>
    choose('enable', args, options),
  );
  verb('disable <matcher...>', 'switch rules off', (args, options) => choose('disable', args, options));
  const removable = ['--remove', 'take it back'] as const;
  verb('modify <change...>', 'change rule texts: MATCHER "from" "to", as in modify.conf', (args, options) =>
    tune('modify', parseEdit, args, options),
  ).option(...removable);
  verb(
    'threshold <line...>',
    'quieten: suppress gen_id 1, sig_id SID, track by_src, ip CIDR; or threshold …',
    (args, options) => tune('thresholds', parseThreshold, args, options),
  ).option(...removable);
  verb('test <path>', 'what the engine says about a rule file, folder or tarball; changes nothing', test);
  verb('diff [set]', 'what the next update would change, or what is new since a kept set', diff);
  verb('undo [set]', 'put the set before, or a kept one, back in force', undo);
  verb('import <path>', 'take a rule file, folder or tarball as a source', importSource).option(
    '--remove',
    'forget an imported source by its file name',
  );
}

async function list(_args: string[], { json = false }: Options): Promise<void> {
  const current = findCurrentId(paths);
  const sets = listRulesets(paths);
  for (const set of sets)
    emit(json, { type: 'ruleset', current: set.id === current, ...set }, renderSet(set, set.id === current));
  if (sets.length === 0 && !json) process.stdout.write('No rule set yet; mss rules update makes one.\n');
}

async function sources(_args: string[], { json = false }: Options): Promise<void> {
  const found = listRuleSources(paths, loadConfig().config);
  for (const source of found) emit(json, { type: 'source', ...source });
  if (!json) process.stdout.write(`${renderSources(found)}\n`);
}

async function update(_args: string[], options: Options): Promise<void> {
  const { json = false } = options;
  becomeService('ids');
  const result = await updateRules(paths, loadConfig().config, requireEngine(), {
    fetch: options.local !== true,
    warn: (text) => log('warning', text),
  });
  emit(json, { type: 'update', changed: result.changed, set: result.set, diff: result.diff }, renderUpdate(result));
}

/** Adds matchers to one list of the configuration and takes them off the other. */
async function choose(list: 'enable' | 'disable', matchers: string[], { json = false }: Options): Promise<void> {
  for (const matcher of matchers) parseMatcher(matcher);
  const other = list === 'enable' ? 'disable' : 'enable';
  // not what is in force: overrides of settings.sh are no part of the document
  const document = loadDesired();
  const added = [...new Set([...document.ids[list], ...matchers])];
  const left = document.ids[other].filter((matcher) => !matchers.includes(matcher));
  // matchers may hold commas, so the lists are set as lists and not as text
  const desired = { ...document, ids: { ...document.ids, [list]: added, [other]: left } };
  const done = await controlOver(consoleSocket())({ job: 'set-config', desired });
  emit(json, { type: 'choice', list, matchers }, `${list}d: ${matchers.join(' ')}. ${done.text}`);
}

/** Adds words to a list of the configuration, or takes them off it. */
async function tune(
  list: 'modify' | 'thresholds',
  check: (words: string) => unknown,
  words: string[],
  { json = false, remove = false }: Options,
): Promise<void> {
  const document = loadDesired();
  const before = document.ids[list];
  if (remove) {
    const unknown = words.find((one) => !before.includes(one));
    if (unknown !== undefined) throw new MssError('not-found', `ids.${list} has no "${unknown}"; see mss config`);
  } else for (const one of words) check(one);
  const after = remove ? before.filter((one) => !words.includes(one)) : [...new Set([...before, ...words])];
  const desired = { ...document, ids: { ...document.ids, [list]: after } };
  const done = await controlOver(consoleSocket())({ job: 'set-config', desired });
  const said = `${remove ? 'removed' : 'added'}: ${words.join('; ')}. ${done.text}`;
  emit(json, { type: 'choice', list, words, removed: remove } as { type: string }, said);
}

async function test(args: string[], { json = false }: Options): Promise<void> {
  const engine = requireEngine();
  const set = planRuleset(await readRuleTexts(args[0]));
  const { kept, broken } = await applyRuleTest(engine, enabledRules(set), loadConfig().config.ids.homeNet);
  const all = [...set.broken, ...broken];
  for (const rule of all)
    emit(json, { type: 'broken', ...rule }, `${rule.file}:${rule.line}: ${rule.id ?? ''} ${rule.reason}`);
  const off = set.rules.size - enabledRules(set).length;
  emit(
    json,
    {
      type: 'summary',
      rules: kept.length,
      off,
      superseded: set.superseded,
      broken: all.length,
      engine: engine.label,
    } as { type: string },
    `${kept.length} rules run, ${all.length} set aside, ${off} off in the source, ${set.superseded} superseded; ${engine.label}`,
  );
  if (all.length > 0) process.exitCode = 1;
}

async function diff(args: string[], { json = false }: Options): Promise<void> {
  if (args[0] === undefined) {
    becomeService('ids');
    const result = await updateRules(paths, loadConfig().config, requireEngine(), {
      fetch: false,
      dryRun: true,
      warn: (text) => log('warning', text),
    });
    emit(json, { type: 'diff', ...result.diff } as { type: string }, renderDiff(result.diff));
    return;
  }
  const current = findCurrentId(paths);
  if (current === undefined) throw new MssError('not-found', 'no rule set is in force; mss rules update makes one');
  const side = (id: string) => ({
    ...readRulesetRules(paths, id),
    broken: findRuleset(paths, id)?.broken ?? [],
  });
  const found = diffRulesets(side(args[0]), side(current));
  emit(json, { type: 'diff', ...found } as { type: string }, renderDiff(found));
}

async function undo(args: string[], { json = false }: Options): Promise<void> {
  becomeService('ids');
  const set = await withRulesLock(paths, () => undoRuleset(paths, args[0]));
  emit(
    json,
    { type: 'ruleset', current: true, ...set },
    `${renderSet(set, true)}\nids has the engine load it within seconds.`,
  );
}

async function importSource(args: string[], options: Options): Promise<void> {
  const { json = false } = options;
  if (options.remove === true) {
    becomeService('ids');
    await withRulesLock(paths, () => removeRuleSource(paths, args[0]));
    emit(json, { type: 'imported', path: args[0], files: 0 } as { type: string }, `${args[0]} is no source any more.`);
  } else {
    const { files, ruleFiles } = await readRuleSource(args[0]); // as the person who may read it
    becomeService('ids');
    await withRulesLock(paths, () => importRuleSource(paths, files));
    emit(
      json,
      { type: 'imported', path: args[0], files: ruleFiles } as { type: string },
      `${args[0]}: ${ruleFiles} rule files taken as a source.`,
    );
  }
  await update([], { ...options, local: true });
}
