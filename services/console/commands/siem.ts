// mss siem test: one message to the configured SIEM now.
import { hostname } from 'node:os';
import type { Command } from 'commander';
import { emit, runCommand } from '../../../src/console/output.ts';
import { MssError } from '../../../src/errors.ts';
import { siemSource } from '../../../src/ids/siem-export.ts';
import { loadConfig } from '../../../src/os/config-file.ts';
import { openSyslog } from '../../../src/os/syslog/sender.ts';
import { planSiem } from '../../../src/respond/siem/plan-siem.ts';
import { renderSiem } from '../../../src/respond/siem/render-siem.ts';

const END_MS = 3000;

export function register(program: Command): void {
  program
    .command('siem')
    .description('alerts, incidents and notices to an outside SIEM, as CEF by syslog')
    .command('test')
    .description('send one message now')
    .option('--json', 'one JSON object a line')
    .action(({ json = false }: { json?: boolean }) =>
      runCommand(json, async () => {
        const { config } = loadConfig();
        const target = planSiem(config.siem);
        if (target === undefined) {
          throw new MssError('config', 'no SIEM is set up: mss config set siem.to siem.example.org:514');
        }
        const text = `asked for with "mss siem test" on ${hostname()}`;
        const notice = {
          type: 'notice' as const,
          timeUs: Date.now() * 1000,
          service: 'test',
          level: 'info' as const,
          text,
        };
        const message = renderSiem(notice, { host: hostname(), ...siemSource(config) })!;
        const sender = await openSyslog(target);
        try {
          await sender.send([message]);
        } catch (error) {
          await sender.end(0);
          throw error;
        }
        const isSure = (await sender.end(END_MS)) && target.transport !== 'udp';
        const where = `${target.host}:${target.port} (${target.transport})`;
        const said = isSure ? `${where} took it` : `sent to ${where}; that it arrived, only the SIEM itself can tell`;
        emit(json, { type: 'siem', message, taken: isSure }, `${message}\n${said}`);
      }),
    );
}
