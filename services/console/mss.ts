// The `mss` command: one file a verb under commands/. Only the verb that was asked for is loaded.
import { Command, CommanderError } from 'commander';

// `mss alerts | head`: a reader that has seen enough is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const VERBS: Record<string, () => Promise<{ register(program: Command): void }>> = {
  status: () => import('./commands/status.ts'),
  config: () => import('./commands/config.ts'),
  import: () => import('./commands/import.ts'),
  packets: () => import('./commands/packets.ts'),
  logtest: () => import('./commands/logtest.ts'),
};

const program = new Command('mss')
  .description('the sensor: status, packets, alerts, rules and configuration')
  .exitOverride()
  .showHelpAfterError()
  .configureHelp({ sortSubcommands: true });

const asked = VERBS[process.argv[2] ?? ''];
const wanted = asked === undefined ? Object.values(VERBS) : [asked];
for (const { register } of await Promise.all(wanted.map((load) => load()))) register(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
