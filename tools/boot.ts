// npm run boot: one virtual machine of the image, until Ctrl-C. See --help.
import { parseArgs } from 'node:util';
import { MssError } from '../src/errors.ts';
import { applianceDisk } from './boot/image-disks.ts';
import { Machine } from './boot/machine.ts';
import { planMachineArgs, serialSocket } from './boot/machine-args.ts';
import { main } from './shell.ts';

const HELP = `usage: npm run boot -- [options]
  --answer KEY=VALUE   a first-start answer (sensor-type, home-net, …), may be repeated
  --firmware bios|uefi
  --packet-disk GB     an empty second disk
  --share DIR          given to the machine over 9p, tag "packets"
  --port PORT          a port of the machine to forward, may be repeated (22 and 3001 always are)
  --outbound           let the machine reach the network
  --vnc NUMBER         the screen on VNC display NUMBER
  --replay FILE        a capture file for the promiscuous interface, once the machine is up
  --screenshot FILE    the screen as PNG, after the replay
  --minutes N          end after N minutes (60)
`;

/** An argument as a shell takes it. */
const quoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;

async function boot(): Promise<void> {
  const { values } = parseArgs({
    options: {
      answer: { type: 'string', multiple: true, default: [] },
      firmware: { type: 'string', default: 'bios' },
      'packet-disk': { type: 'string' },
      share: { type: 'string' },
      port: { type: 'string', multiple: true, default: [] },
      outbound: { type: 'boolean', default: false },
      vnc: { type: 'string' },
      replay: { type: 'string' },
      screenshot: { type: 'string' },
      minutes: { type: 'string', default: '60' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const { firmware } = values;
  if (firmware !== 'bios' && firmware !== 'uefi') throw new MssError('usage', `--firmware ${firmware}: bios or uefi`);
  const answers = Object.fromEntries(
    values.answer.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new MssError('usage', `--answer ${pair}: write KEY=VALUE`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  const machine = await Machine.start({
    ...applianceDisk,
    firmware,
    answers,
    outbound: values.outbound,
    ports: [3001, ...values.port.map(Number)],
    packetDiskBytes: values['packet-disk'] ? Number(values['packet-disk']) * 1024 ** 3 : undefined,
    share: values.share ? { path: values.share, tag: 'packets' } : undefined,
    vncDisplay: values.vnc ? Number(values.vnc) : undefined,
    hardStopMs: Number(values.minutes) * 60_000,
  });
  process.once('SIGINT', () => void machine.stop());
  const { runDir, accelerator, forwards } = machine.plan;
  process.stdout.write(`qemu-system-x86_64 ${planMachineArgs(machine.plan).map(quoted).join(' ')}\n`);
  process.stdout.write(`booting with ${accelerator}; Ctrl-C ends it\n`);
  process.stdout.write(`serial console: socat -,raw,echo=0 UNIX-CONNECT:${serialSocket(runDir)}\n`);
  process.stdout.write(`ssh: ssh -i ${machine.key} -p ${machine.hostPort(22)} root@127.0.0.1\n`);
  for (const { guest, host } of forwards) process.stdout.write(`port ${guest}: 127.0.0.1:${host}\n`);
  await machine.waitForSsh(10 * 60_000);
  process.stdout.write(`up after ${((performance.now() - machine.startedMs) / 1000).toFixed(0)} s\n`);
  if (values.replay) process.stdout.write(`replayed ${await machine.mirror.replayFile(values.replay)} packets\n`);
  if (values.screenshot) await (await machine.qmp()).screenshot(values.screenshot);
  await machine.ended();
}

await main(boot);
