// npm run bench:syslog: what one core does with messages by stage, then syslog-x beside rsyslog and syslog-ng under the
// same senders on loopback: loggen at full speed by TCP, loggen at 20,000 messages/s by UDP, and logger.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildDir, figure, findProgram, main, run } from '../shell.ts';
import { findRules, measureMatching } from './matching.ts';
import { type Peers, unpackPeers } from './syslog/peers.ts';
import { type Receiver, rsyslogStarter, startOurs, startReceiver, syslogNgStarter } from './syslog/receivers.ts';
import { LINES, measureStages } from './syslog/stages.ts';

const TCP_MESSAGES = 400_000;
const UDP_RATE = 20_000;
const UDP_SECONDS = 5;
const LOGGER_MESSAGES = 20_000;
// a receiver that stores nothing more for this long has stored all it will
const QUIET_MS = 3000;

interface Measured {
  sent: number;
  stored: number;
  seconds: number;
  cpuSeconds: number;
}

/** Sends, then waits until all is stored or nothing more comes. */
async function measure(receiver: Receiver, send: () => Promise<number>): Promise<Measured> {
  const before = { stored: receiver.stored, cpu: receiver.cpuSeconds };
  const startMs = performance.now();
  const sent = await send();
  let stored = receiver.stored - before.stored;
  let lastMs = performance.now();
  while (stored < sent && performance.now() - lastMs < QUIET_MS) {
    await wait(20);
    const now = receiver.stored - before.stored;
    if (now !== stored) lastMs = performance.now();
    stored = now;
  }
  return { sent, stored, seconds: (lastMs - startMs) / 1000, cpuSeconds: receiver.cpuSeconds - before.cpu };
}

/** loggen's count of what it sent. */
async function loggen(peers: Peers, args: string[]): Promise<number> {
  const command = [peers.loggen, '--inet', '--read-file', sample, '--loop-reading', '--dont-parse', ...args, '2>&1'];
  const text = await run('sh', ['-c', command.join(' ')], { env: peers.env, timeoutMs: 300_000 });
  // it also says how far it is, every half second
  return Number([...text.matchAll(/count=(\d+)/g)].at(-1)?.[1] ?? 0);
}

async function compare(receiver: Receiver, peers: Peers): Promise<void> {
  const { name } = receiver;
  const key = name.replace('-', '_');
  const count = ['--number', String(TCP_MESSAGES), '--rate', '10000000', '--interval', '600'];
  await measure(receiver, () => loggen(peers, ['--stream', ...count, '127.0.0.1', String(receiver.tcp)]));
  const tcp = await measure(receiver, () => loggen(peers, ['--stream', ...count, '127.0.0.1', String(receiver.tcp)]));
  const pace = ['--rate', String(UDP_RATE), '--interval', String(UDP_SECONDS)];
  const udp = await measure(receiver, () => loggen(peers, ['--dgram', ...pace, '127.0.0.1', String(receiver.udp)]));
  const lines = await measure(receiver, async () => {
    await run('logger', ['-n', '127.0.0.1', '-T', '-P', String(receiver.tcp), '-t', 'bench', '-f', many]);
    return LOGGER_MESSAGES;
  });
  const rate = tcp.stored / tcp.seconds;
  const microseconds = (tcp.cpuSeconds * 1e6) / tcp.stored;
  console.log(
    `${name.padEnd(10)} tcp ${rate.toFixed(0).padStart(8)} messages/s stored, ${microseconds.toFixed(1)} us CPU each; ` +
      `udp at ${(udp.sent / UDP_SECONDS).toFixed(0)}/s: ${udp.sent - udp.stored} of ${udp.sent} lost, ` +
      `${((100 * udp.cpuSeconds) / UDP_SECONDS).toFixed(0)} % CPU; logger: ${lines.stored} of ${lines.sent}`,
  );
  figure(`syslog_tcp_stored_${key}`, rate, 'messages/s');
  figure(`syslog_tcp_lost_${key}`, tcp.sent - tcp.stored, 'messages');
  figure(`syslog_cpu_${key}`, microseconds, 'us/message');
  figure(`syslog_udp_sent_${key}`, udp.sent / UDP_SECONDS, 'messages/s');
  figure(`syslog_udp_lost_${key}`, udp.sent - udp.stored, 'messages');
  figure(`syslog_logger_lost_${key}`, lines.sent - lines.stored, 'messages');
}

mkdirSync(join(buildDir, 'bench'), { recursive: true });
const folder = mkdtempSync(join(buildDir, 'bench', 'syslog-run-'));
const sample = join(folder, 'lines');
const many = join(folder, 'many');

await main(async () => {
  measureStages();
  measureMatching(findRules());
  if (findProgram('apt-get') === undefined) throw new Error('the peers come from Debian: apt-get is not here');
  const peers = await unpackPeers();
  writeFileSync(sample, `${LINES.join('\n')}\n`);
  writeFileSync(many, Array.from({ length: LOGGER_MESSAGES }, (_, i) => `line ${i}\n`).join(''));
  const starters = { ours: startOurs, rsyslog: rsyslogStarter(peers), 'syslog-ng': syslogNgStarter(peers) };
  for (const [name, start] of Object.entries(starters)) {
    // one at a time: the others would take its cores
    const receiver = await startReceiver(name, folder, start);
    try {
      await compare(receiver, peers);
    } finally {
      await receiver.stop();
    }
  }
  rmSync(folder, { recursive: true, force: true });
});
