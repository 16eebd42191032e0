// The three receivers under load: each a process of its own that listens on loopback and keeps all messages on disk.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MssError } from '../../../src/errors.ts';
import { findFreePort } from '../../boot/free-port.ts';
import type { Peers } from './peers.ts';

// USER_HZ of every Linux that runs here (proc(5))
const TICKS_PER_SECOND = 100;
const READY_MS = 30_000;
/** of each receiver: ReceiveBuffer= of the socket units */
const RECEIVE_BUFFER_BYTES = 32 << 20;

export class Receiver {
  readonly name: string;
  readonly udp: number;
  readonly tcp: number;
  readonly #child: ChildProcess;
  readonly #stored: () => number;

  constructor(name: string, ports: { udp: number; tcp: number }, child: ChildProcess, stored: () => number) {
    this.name = name;
    this.udp = ports.udp;
    this.tcp = ports.tcp;
    this.#child = child;
    this.#stored = stored;
  }

  /** Messages that are on disk by now. */
  get stored(): number {
    return this.#stored();
  }

  /** Seconds of CPU of all its threads, so far. */
  get cpuSeconds(): number {
    const text = readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await Promise.race([ended, wait(5000)]);
    this.#child.kill('SIGKILL');
  }
}

/** Opens the UDP port with the socket unit's buffer (SO_RCVBUFFORCE) and becomes the service, as systemd would. */
const PASS_SOCKET = `
import os, socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
s.setsockopt(socket.SOL_SOCKET, 33, ${RECEIVE_BUFFER_BYTES})
s.bind(("::", int(sys.argv[1])))
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="udp-" + sys.argv[1])
os.execv(sys.argv[2], sys.argv[2:])
`;

type Start = (folder: string, ports: { udp: number; tcp: number }) => { child: ChildProcess; stored: () => number };

/** syslog-x itself: decoders, rules and spool as on the appliance. */
export const startOurs: Start = (folder, { udp, tcp }) => {
  const script = join(import.meta.dirname, 'service.ts');
  const env = { PATH: process.env.PATH, MSS_ROOT: folder, OPENSSL_CONF: 'services/syslog-x/openssl/syslog-x.cnf' };
  const command = [process.execPath, script, String(udp), String(tcp)];
  // as the socket unit does, which needs root; without, the kernel grants no more than net.core.rmem_max
  const child =
    process.getuid?.() === 0
      ? spawn('python3', ['-c', PASS_SOCKET, String(udp), ...command], { env, stdio: 'ignore' })
      : spawn(command[0], command.slice(1), { env, stdio: 'ignore' });
  const spool = join(folder, 'var/spool/mss/syslog-x');
  return { child, stored: () => countSpooled(spool) };
};

export const rsyslogStarter =
  (peers: Peers): Start =>
  (folder, { udp, tcp }) => {
    const file = join(folder, 'messages');
    const config = join(folder, 'rsyslog.conf');
    writeFileSync(
      config,
      [
        `global(workDirectory="${folder}")`,
        'module(load="imudp")',
        'module(load="imtcp")',
        `input(type="imudp" port="${udp}" address="127.0.0.1" rcvbufSize="32m")`,
        `input(type="imtcp" port="${tcp}" address="127.0.0.1")`,
        `action(type="omfile" file="${file}" template="RSYSLOG_FileFormat" asyncWriting="on" ioBufferSize="64k")`,
        '',
      ].join('\n'),
    );
    const args = ['-n', '-f', config, '-i', join(folder, 'pid'), '-M', peers.rsyslogModules];
    const child = spawn(peers.rsyslogd, args, { env: { ...process.env, ...peers.env }, stdio: 'ignore' });
    return { child, stored: lineCounter(file) };
  };

export const syslogNgStarter =
  (peers: Peers): Start =>
  (folder, { udp, tcp }) => {
    const file = join(folder, 'messages');
    const config = join(folder, 'syslog-ng.conf');
    writeFileSync(
      config,
      [
        '@version: 3.35',
        'options { stats-freq(0); log-fifo-size(1000000); };',
        'source s {',
        `  network(transport(udp) ip(127.0.0.1) port(${udp}) so-rcvbuf(${RECEIVE_BUFFER_BYTES}));`,
        `  network(transport(tcp) ip(127.0.0.1) port(${tcp}) log-iw-size(100000) flags(no-multi-line));`,
        '};',
        `destination d { file("${file}"); };`,
        'log { source(s); destination(d); flags(flow-control); };',
        '',
      ].join('\n'),
    );
    const state = ['persist', 'pid', 'control'].map((name) => join(folder, name));
    const args = ['-F', '-f', config, '-R', state[0], '-p', state[1], '-c', state[2], '--no-caps'];
    args.push('--module-path', peers.syslogNgModules);
    const child = spawn(peers.syslogNg, args, { env: { ...process.env, ...peers.env }, stdio: 'ignore' });
    return { child, stored: lineCounter(file) };
  };

/** Starts a receiver in a folder of its own and waits until it listens. @throws MssError 'io' when it does not */
export async function startReceiver(name: string, parent: string, start: Start): Promise<Receiver> {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  const ports = { udp: await findFreePort(), tcp: await findFreePort() };
  const { child, stored } = start(folder, ports);
  const untilMs = performance.now() + READY_MS;
  while (!(isBound('tcp', ports.tcp) && isBound('udp', ports.udp))) {
    if (child.exitCode !== null || performance.now() > untilMs) {
      child.kill('SIGKILL');
      throw new MssError('io', `${name} does not listen (exit code ${child.exitCode}); its files are in ${folder}`);
    }
    await wait(50);
  }
  return new Receiver(name, ports, child, stored);
}

/** Reads proc(5), "/proc/net/tcp": state 0A listens (connections that are over keep the port in the list), 07 is UDP's. */
function isBound(transport: 'udp' | 'tcp', port: number): boolean {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['', '6'].some((family) =>
    readFileSync(`/proc/net/${transport}${family}`, 'latin1')
      .split('\n')
      .map((line) => line.split(' ').filter(Boolean))
      .some(([, local = '', , state]) => local.endsWith(hex) && state === (transport === 'tcp' ? '0A' : '07')),
  );
}

/** Counts the lines of a growing file, reading each part once. */
function lineCounter(file: string): () => number {
  let lines = 0;
  let offset = 0;
  const chunk = Buffer.alloc(1 << 20);
  return () => {
    if (!existsSync(file)) return 0;
    const fd = openSync(file, 'r');
    for (
      let got = readSync(fd, chunk, 0, chunk.length, offset);
      got > 0;
      got = readSync(fd, chunk, 0, chunk.length, offset)
    ) {
      for (let at = chunk.indexOf(10); at !== -1 && at < got; at = chunk.indexOf(10, at + 1)) lines++;
      offset += got;
    }
    closeSync(fd);
    return lines;
  };
}

const countersOfSpool = new Map<string, () => number>();

/** Records in a spool, also those pruned since: the last segment is named after its first one. */
function countSpooled(dir: string): number {
  const last = (existsSync(dir) ? readdirSync(dir) : []).sort().at(-1);
  if (last === undefined || statSync(join(dir, last)).size === 0) return Number.parseInt(last ?? '0', 10);
  const file = join(dir, last);
  const count = countersOfSpool.get(file) ?? lineCounter(file);
  countersOfSpool.set(file, count);
  return Number.parseInt(last, 10) + count();
}
