// mss whois: who is behind an address. The portal answers: it has the databases, and is the one that may ask outside.
import type { Command } from 'commander';
import { renderOrigin } from '../../../src/api/origin.ts';
import { emit, runCommand } from '../../../src/console/output.ts';
import { askWho } from '../../../src/console/search/ask-portal.ts';
import { paths } from '../../../src/paths.ts';

export function register(program: Command): void {
  program
    .command('whois')
    .description('who is behind an address: country and AS; DNS, RDAP and whois where enrich.outside is on')
    .argument('<address>')
    .option('--json', 'one JSON object a line')
    .action((address: string, { json = false }: { json?: boolean }) => runCommand(json, () => show(address, json)));
}

async function show(asked: string, json: boolean): Promise<void> {
  const { address, origin, notAsked, answers } = await askWho(paths.portalSocket, asked);
  const known = origin === undefined ? 'neither country nor AS is known' : renderOrigin(origin);
  emit(json, { type: 'origin', address, ...origin }, `${address}: ${known}`);
  for (const { provider, facts, failure } of answers) {
    const lines = Object.entries(facts ?? {}).map(([name, value]) => `  ${`${name}:`.padEnd(12)}${value}`);
    if (failure !== undefined) lines.push(`  ${failure}`);
    else if (lines.length === 0) lines.push('  knows nothing');
    emit(json, { type: 'answer', address, provider, facts, failure }, [provider, ...lines].join('\n'));
  }
  if (notAsked !== undefined) process.stderr.write(`${notAsked}\n`);
}
