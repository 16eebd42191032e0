// mss hosts: addresses seen, infected and suspect ones by rank, then those with the worst alerts. The portal answers.
import type { Command } from 'commander';
import { registerSearch } from '../../../src/console/search/search-command.ts';

export function register(program: Command): void {
  registerSearch(
    program,
    'hosts',
    'addresses seen: infected and suspect ones by rank, then those with the worst alerts',
    'net 10.0.0.0/8',
  );
}
