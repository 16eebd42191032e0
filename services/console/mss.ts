// The `mss` command: one file a verb under commands/.
import { Command, CommanderError } from 'commander';

const program = new Command('mss')
  .description('the sensor: status, packets, alerts, rules and configuration')
  .exitOverride()
  .showHelpAfterError();

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
