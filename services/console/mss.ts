// The `mss` command: one file a verb under commands/. Only the verb that was asked for is loaded.
import { Command, CommanderError } from 'commander';

// `mss alerts | head`: a reader that has seen enough is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const VERBS: Record<string, () => Promise<{ register(program: Command): void }>> = {
  status: () => import('./commands/status.ts'),
  doctor: () => import('./commands/doctor.ts'),
  menu: () => import('./commands/menu.ts'),
  config: () => import('./commands/config.ts'),
  start: () => import('./commands/start.ts'),
  stop: () => import('./commands/stop.ts'),
  restart: () => import('./commands/restart.ts'),
  reload: () => import('./commands/reload.ts'),
  reset: () => import('./commands/reset.ts'),
  import: () => import('./commands/import.ts'),
  rules: () => import('./commands/rules.ts'),
  ledger: () => import('./commands/ledger.ts'),
  'test-alert': () => import('./commands/test-alert.ts'),
  packets: () => import('./commands/packets.ts'),
  key: () => import('./commands/key.ts'),
  logtest: () => import('./commands/logtest.ts'),
  alerts: () => import('./commands/alerts.ts'),
  flows: () => import('./commands/flows.ts'),
  hosts: () => import('./commands/hosts.ts'),
  logs: () => import('./commands/logs.ts'),
  incidents: () => import('./commands/incidents.ts'),
  files: () => import('./commands/files.ts'),
  whois: () => import('./commands/whois.ts'),
  judge: () => import('./commands/judge.ts'),
  classify: () => import('./commands/classify.ts'),
  block: () => import('./commands/block.ts'),
  mail: () => import('./commands/mail.ts'),
  siem: () => import('./commands/siem.ts'),
  account: () => import('./commands/account.ts'),
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
