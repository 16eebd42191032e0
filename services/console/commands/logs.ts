// mss logs: log messages received, newest first. The portal answers.
import type { Command } from 'commander';
import { registerSearch } from '../../../src/console/search/search-command.ts';

export function register(program: Command): void {
  registerSearch(program, 'logs', 'log messages received, newest first', 'app sshd and severity <=4');
}
