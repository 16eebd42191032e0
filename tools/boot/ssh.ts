// The host's own ssh client towards a machine of ours: by key or by password, host keys unknown by design.
import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { MssError } from '../../src/errors.ts';
import { run } from '../shell.ts';

export interface SshTarget {
  port: number;
  /** private key file; without it and without a password only keys of the host's agent are tried */
  key?: string;
  password?: string;
}

const OPTIONS = [
  ['StrictHostKeyChecking', 'no'],
  ['UserKnownHostsFile', '/dev/null'],
  ['LogLevel', 'ERROR'],
  ['ConnectTimeout', '60'],
  ['ServerAliveInterval', '15'],
  ['IdentityAgent', 'none'],
].flatMap(([name, value]) => ['-o', `${name}=${value}`]);

function login(target: SshTarget): { prefix: string[]; options: string[] } {
  if (target.password !== undefined) {
    const options = ['-o', 'PubkeyAuthentication=no', '-o', 'NumberOfPasswordPrompts=1'];
    return { prefix: ['sshpass', '-p', target.password], options };
  }
  return { prefix: [], options: ['-o', 'BatchMode=yes', ...(target.key ? ['-i', target.key] : [])] };
}

/** Runs a command as root on the machine; its standard output. Throws with its output when it fails. */
export async function ssh(target: SshTarget, command: string, timeoutMs = 180_000, input = ''): Promise<string> {
  const { prefix, options } = login(target);
  const [program, ...args] = [
    ...prefix,
    'ssh',
    ...OPTIONS,
    ...options,
    '-p',
    `${target.port}`,
    'root@127.0.0.1',
    command,
  ];
  return await run(program, args, { timeoutMs, input });
}

/** Copies a file to or from the machine; its side is written `root@127.0.0.1:/path`. `sftp` or the old `scp` protocol. */
export async function scp(
  target: SshTarget,
  from: string,
  to: string,
  protocol: 'sftp' | 'scp' = 'sftp',
): Promise<void> {
  const { prefix, options } = login(target);
  const legacy = protocol === 'scp' ? ['-O'] : [];
  const [program, ...args] = [...prefix, 'scp', ...legacy, ...OPTIONS, ...options, '-P', `${target.port}`, from, to];
  await run(program, args, { timeoutMs: 600_000 });
}

/** A terminal on the machine, as a person gets it who types "ssh root@machine": ends when it is destroyed. */
export function sshTerminal(target: SshTarget): Duplex {
  const { prefix, options } = login(target);
  const [program, ...args] = [
    ...prefix,
    'ssh',
    '-tt',
    ...OPTIONS,
    ...options,
    '-p',
    `${target.port}`,
    'root@127.0.0.1',
  ];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const terminal = Duplex.from({ writable: child.stdin, readable: child.stdout });
  terminal.once('close', () => child.kill('SIGKILL'));
  return terminal;
}

/** Runs a batch of sftp's own commands. Throws with its output when one fails. */
export async function sftp(target: SshTarget, commands: readonly string[]): Promise<string> {
  const { prefix, options } = login(target);
  const [program, ...args] = [...prefix, 'sftp', '-b', '-', ...OPTIONS, ...options, '-P', `${target.port}`];
  return await run(program, [...args, 'root@127.0.0.1'], { timeoutMs: 600_000, input: `${commands.join('\n')}\n` });
}

/** Waits until ssh lets us in, trying again and again while the machine runs. Throws MssError `io` when it has ended. */
export async function waitForSsh(
  target: SshTarget,
  timeoutMs: number,
  isRunning: () => boolean = () => true,
): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      await ssh(target, 'true', 60_000);
      return;
    } catch (error) {
      if (!isRunning()) throw new MssError('io', 'the virtual machine ended before it could be reached');
      if (performance.now() > until) throw error;
      await new Promise((wake) => setTimeout(wake, 1000));
    }
  }
}
