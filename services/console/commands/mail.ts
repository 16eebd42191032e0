// mss mail test: one letter to the configured address and webhook now, with the server's own answer.
import { hostname } from 'node:os';
import type { Command } from 'commander';
import { emit, runCommand } from '../../../src/console/output.ts';
import { MssError } from '../../../src/errors.ts';
import { bringLetter } from '../../../src/ids/mail/bring-letter.ts';
import { loadConfig } from '../../../src/os/config-file.ts';
import { ofHealth } from '../../../src/respond/occasion.ts';

export function register(program: Command): void {
  program
    .command('mail')
    .description('mails about incidents, alerts and the sensor itself')
    .command('test')
    .description('send one mail (and webhook call) now')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: { json?: boolean }) =>
      runCommand(json, async () => {
        const { config } = loadConfig();
        if (config.mail.to === '' && config.mail.webhook === '') {
          throw new MssError('config', 'no mail is set up: mss config set mail.to you@example.org');
        }
        const occasion = ofHealth(Date.now() * 1000, 'test', `asked for with "mss mail test" on ${hostname()}`);
        const letter = { topic: occasion.topic, occasions: [{ ...occasion, times: 1 }], left: 0 };
        for (const way of ['mail', 'webhook'] as const) {
          const answer = await bringLetter(way, letter, config);
          if (answer !== undefined) emit(json, { type: 'mail', way, answer }, `${way}: ${answer}`);
        }
      }),
    );
}
