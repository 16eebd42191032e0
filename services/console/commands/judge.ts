// mss judge: what a person thinks of an incident. Closed ones go to the end of the list until new evidence comes.
import { type Command, Option } from 'commander';
import { emit, runCommand } from '../../../src/console/output.ts';
import { sendVerdict } from '../../../src/console/search/ask-portal.ts';
import { paths } from '../../../src/paths.ts';

interface Options {
  truth?: 'true' | 'false';
  note?: string;
  assignee?: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('judge')
    .description('close or reopen an incident, with what was found')
    .argument('<id>', 'of the incident: mss incidents --json')
    .argument('<state>', 'closed or open')
    .addOption(
      new Option('--truth <true|false>', 'whether there was an infection; ranks learn from it').choices([
        'true',
        'false',
      ]),
    )
    .option('--note <text>')
    .option('--assignee <name>', 'who looks after it')
    .option('--json', 'one JSON object a line')
    .action((id: string, state: 'open' | 'closed', { json = false, ...said }: Options) =>
      runCommand(json, async () => {
        const verdict = await sendVerdict(paths.portalSocket, id, { state, ...said });
        emit(json, { type: 'verdict', id, ...verdict }, `incident ${id}: ${state}, as of a moment from now`);
      }),
    );
}
