// mss hosts: addresses seen, those with the worst alerts first. The portal answers.
import type { Command } from 'commander';
import { registerSearch } from '../../../src/console/search/search-command.ts';

export function register(program: Command): void {
  registerSearch(program, 'hosts', 'addresses seen, those with the worst alerts first', 'net 10.0.0.0/8');
}
