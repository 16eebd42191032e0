// mss alerts: alerts of the inspection engine, newest first. The portal answers.
import type { Command } from 'commander';
import { registerSearch } from '../../../src/console/search/search-command.ts';

export function register(program: Command): void {
  registerSearch(program, 'alerts', 'alerts of the inspection engine, newest first', 'host 10.1.2.3 and severity 1');
}
