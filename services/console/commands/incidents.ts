// mss incidents: incidents, highest rank first. The portal answers.
import type { Command } from 'commander';
import { registerSearch } from '../../../src/console/search/search-command.ts';

export function register(program: Command): void {
  registerSearch(program, 'incidents', 'incidents, highest rank first', 'phase c2');
}
