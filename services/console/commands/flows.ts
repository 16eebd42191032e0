// mss flows: conversations, newest first. The portal answers.
import type { Command } from 'commander';
import { registerSearch } from '../../../src/console/search/search-command.ts';

export function register(program: Command): void {
  registerSearch(program, 'flows', 'conversations, newest first', 'net 10.0.0.0/8 and port 443');
}
