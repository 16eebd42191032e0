// mss config: the one configuration document, key by key.
import type { Command } from 'commander';
import { listKeys } from '../../../src/config/keys.ts';
import { getKey } from '../../../src/config/parse.ts';
import { editConfig } from '../../../src/console/edit-config.ts';
import { emit, runCommand } from '../../../src/console/output.ts';
import { loadConfig } from '../../../src/os/config-file.ts';

const shown = (value: unknown): string =>
  Array.isArray(value) ? value.join(',') : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** A password is set with this command, never shown by it. */
const withoutSecret = (key: string, value: unknown): unknown =>
  key.endsWith('.password') && value !== '' ? '(set)' : value;

interface Options {
  json?: boolean;
}

export function register(program: Command): void {
  const config = program.command('config').description('read and change the configuration');

  config
    .command('show', { isDefault: true })
    .description('every key with its value in force')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: Options) =>
      runCommand(json, () => {
        const { config: inForce, overridden } = loadConfig();
        for (const { path } of listKeys()) {
          const value = withoutSecret(path, getKey(inForce, path));
          const from = overridden.includes(path) ? '   (from settings.sh)' : '';
          emit(
            json,
            { type: 'config', key: path, value, overridden: overridden.includes(path) },
            `${path}=${shown(value)}${from}`,
          );
        }
      }),
    );

  config
    .command('get')
    .description('the value in force of one key')
    .argument('<key>', 'like capture.snaplen')
    .option('--json', 'one JSON object a line')
    .action((key: string, { json = false }: Options) =>
      runCommand(json, () => {
        const { config: inForce, overridden } = loadConfig();
        const value = withoutSecret(key, getKey(inForce, key));
        emit(json, { type: 'config', key, value, overridden: overridden.includes(key) }, shown(value));
      }),
    );

  config
    .command('set')
    .description('change one key; lists are comma separated')
    .argument('<key>')
    .argument('<value>')
    .option('--json', 'one JSON object a line')
    .action((key: string, value: string, { json = false }: Options) =>
      runCommand(json, async () => {
        const text = await editConfig(key, value);
        const { config: inForce, overridden } = loadConfig();
        const now = withoutSecret(key, getKey(inForce, key));
        const hidden = overridden.includes(key) ? `; settings.sh overrides it with ${shown(now)}` : '';
        emit(json, { type: 'config', key, value: now, text: `${text}${hidden}` }, `${text}${hidden}`);
      }),
    );

  config
    .command('list')
    .description('every key with its default and what it means')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: Options) =>
      runCommand(json, () => {
        for (const key of listKeys()) {
          emit(
            json,
            { type: 'config-key', ...key },
            `${key.path}  [${shown(key.default)}]\n    ${key.label}: ${key.help}`,
          );
        }
      }),
    );
}
