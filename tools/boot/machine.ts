// A running virtual machine: started from the image's own disk, reached by ssh, serial line and screen, ended for sure.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MssError } from '../../src/errors.ts';
import { run } from '../shell.ts';
import { type Accelerator, chooseAccelerator } from './accelerator.ts';
import { makeEnvironmentCd } from './environment-cd.ts';
import { FrameSocket } from './frame-socket.ts';
import { findFreePort } from './free-port.ts';
import { type MachinePlan, mirrorSocket, planMachineArgs, qmpSocket, serialLog, wireSocket } from './machine-args.ts';
import { Mirror } from './mirror.ts';
import { Neighbour, type NeighbourOptions } from './neighbour.ts';
import { Qmp } from './qmp.ts';
import { scp, ssh, waitForSsh } from './ssh.ts';

const OVMF_VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.fd';

export interface MachineOptions {
  disk: string;
  diskFormat: MachinePlan['diskFormat'];
  /** kernel to try KVM with */
  kernel: string;
  firmware?: 'bios' | 'uefi';
  memoryMb?: number;
  /** OVF properties by key, as deployed answers; the CD is made from them */
  answers?: Readonly<Record<string, string>>;
  packetDiskBytes?: number;
  share?: { path: string; tag: string };
  outbound?: boolean;
  vncDisplay?: number;
  /** private key that the disk already lets in; without it a new one is made and given by the answers CD */
  key?: string;
  /** guest ports to reach, 22 is always among them; a host port is chosen unless given */
  ports?: ReadonlyArray<number | { guest: number; host: number }>;
  /** the same for UDP */
  udpPorts?: readonly number[];
  /** the machine is ended after this long, whatever it does */
  hardStopMs: number;
}

export class Machine {
  readonly plan: MachinePlan;
  readonly mirror: Mirror;
  /** a second station on the management network */
  readonly wire: FrameSocket;
  /** private key whose public part was given to root by `answers['ssh-key']` */
  readonly key: string;
  readonly startedMs = performance.now();
  readonly #process: ChildProcess;
  #qmp: Qmp | undefined;

  private constructor(plan: MachinePlan, mirror: Mirror, wire: FrameSocket, key: string, child: ChildProcess) {
    this.mirror = mirror;
    this.wire = wire;
    this.plan = plan;
    this.key = key;
    this.#process = child;
  }

  static async start(options: MachineOptions): Promise<Machine> {
    // Not under the checkout: a unix socket's path has room for 107 bytes.
    const runDir = mkdtempSync(join(tmpdir(), 'mss-vm-'));
    const accelerator: Accelerator = await chooseAccelerator(options.kernel);
    const key = options.key ?? join(runDir, 'key');
    if (!options.key) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'boot', '-f', key]);
    const answers = { 'ssh-key': readFileSync(`${key}.pub`, 'utf8').trim(), ...options.answers };
    const forwards: Array<MachinePlan['forwards'][number]> = [];
    const wanted = options.ports ?? [];
    const hasSsh = wanted.some((port) => port === 22 || (typeof port === 'object' && port.guest === 22));
    for (const port of hasSsh ? wanted : [22, ...wanted]) {
      forwards.push(typeof port === 'number' ? { guest: port, host: await findFreePort() } : port);
    }
    for (const guest of options.udpPorts ?? []) forwards.push({ guest, host: await findFreePort(), protocol: 'udp' });
    const plan: MachinePlan = {
      accelerator,
      disk: options.disk,
      diskFormat: options.diskFormat,
      firmware: options.firmware ?? 'bios',
      memoryMb: options.memoryMb ?? 4096,
      runDir,
      forwards,
      outbound: options.outbound ?? false,
      environmentCd: await makeEnvironmentCd(answers, runDir),
      share: options.share,
      vncDisplay: options.vncDisplay,
    };
    if (options.packetDiskBytes) {
      plan.packetDisk = join(runDir, 'packets.qcow2');
      await run('qemu-img', ['create', '-q', '-f', 'qcow2', plan.packetDisk, `${options.packetDiskBytes}`]);
    }
    if (plan.firmware === 'uefi') copyFileSync(OVMF_VARIABLES, join(runDir, 'uefi-variables.fd'));
    // Paused until all of its wires have another end: QEMU 7.2 dies of a frame that goes into a stream without one.
    const child = spawn('qemu-system-x86_64', ['-S', ...planMachineArgs(plan)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: options.hardStopMs,
      killSignal: 'SIGKILL',
    });
    // A tool that dies leaves no machine behind.
    process.once('exit', () => child.kill('SIGKILL'));
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk).slice(-4096);
    });
    const sockets = [qmpSocket(runDir), mirrorSocket(runDir), wireSocket(runDir)];
    while (!sockets.every((path) => existsSync(path))) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new MssError('io', `QEMU did not start: ${complaint.trim() || child.signalCode}`);
      }
      await new Promise((wake) => setTimeout(wake, 100));
    }
    // Connected from the start: the interface has a link only while the mirror port has another end.
    const mirror = await Mirror.connect(mirrorSocket(runDir));
    const wire = await FrameSocket.connect(wireSocket(runDir));
    const machine = new Machine(plan, mirror, wire, key, child);
    await (await machine.qmp()).execute('cont');
    return machine;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** The loopback port that leads to the guest's. */
  hostPort(guest: number): number {
    const found = this.plan.forwards.find((forward) => forward.guest === guest);
    if (!found) throw new MssError('usage', `port ${guest} of the machine is not forwarded`);
    return found.host;
  }

  get sshTarget(): { port: number; key: string } {
    return { port: this.hostPort(22), key: this.key };
  }

  /** Everything that the serial port has said so far. */
  get serialText(): string {
    const file = serialLog(this.plan.runDir);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** Waits until the serial port has said something; throws with its last lines when it does not, or QEMU ends. */
  async waitForSerial(pattern: RegExp, timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    while (!pattern.test(this.serialText)) {
      if (!this.isRunning || performance.now() > until) {
        const why = this.isRunning ? `within ${timeoutMs / 1000} s` : 'before QEMU ended';
        throw new MssError('io', `no ${pattern} on the serial port ${why}:\n${this.serialText.slice(-2000)}`);
      }
      await new Promise((wake) => setTimeout(wake, 250));
    }
  }

  async waitForSsh(timeoutMs: number): Promise<void> {
    await waitForSsh(this.sshTarget, timeoutMs, () => this.isRunning);
  }

  /** Runs a command as root by key; its standard output. */
  async run(command: string, timeoutMs?: number): Promise<string> {
    return await ssh(this.sshTarget, command, timeoutMs);
  }

  /** Waits until every one of these units is active; throws with what they and the journal say when that takes too long. */
  async waitForUnits(units: readonly string[], seconds: number): Promise<void> {
    const names = units.join(' ');
    // One call inside the guest. "systemctl is-active" itself is content with any one of several.
    await this.run(
      `for i in $(seq ${seconds}); do systemctl is-active ${names} | grep -qvx active || exit 0; sleep 1; done; ` +
        `systemctl status --no-pager ${names}; journalctl -b --no-pager -n 80; exit 1`,
      (seconds + 100) * 1000,
    );
  }

  async copyIn(from: string, to: string): Promise<void> {
    await scp(this.sshTarget, from, `root@127.0.0.1:${to}`);
  }

  async copyOut(from: string, to: string): Promise<void> {
    await scp(this.sshTarget, `root@127.0.0.1:${from}`, to);
  }

  async qmp(): Promise<Qmp> {
    this.#qmp ??= await Qmp.connect(qmpSocket(this.plan.runDir));
    return this.#qmp;
  }

  /** Work as a neighbour on the management network. QEMU's own router is unplugged meanwhile: it answers for everybody. */
  async asNeighbour<T>(options: NeighbourOptions, work: (neighbour: Neighbour) => Promise<T>): Promise<T> {
    const qmp = await this.qmp();
    await qmp.execute('set_link', { name: 'router', up: false });
    try {
      return await work(new Neighbour(this.wire, options));
    } finally {
      await qmp.execute('set_link', { name: 'router', up: true });
    }
  }

  /** Waits until QEMU ends: by itself, by stop() or at the hard stop. */
  async ended(): Promise<void> {
    if (this.isRunning) await once(this.#process, 'exit');
  }

  /** Ends QEMU at once and removes what it left, unless MSS_KEEP_VM is set. */
  async stop(): Promise<void> {
    this.#qmp?.close();
    this.mirror.close();
    this.wire.close();
    if (this.isRunning) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await ended;
    }
    if (!process.env.MSS_KEEP_VM) rmSync(this.plan.runDir, { recursive: true, force: true });
  }
}
