// A portal as it runs on the box, outside systemd: its own process and folders, TLS on a free port of loopback.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { SensorEvent } from '../../src/api/event.ts';
import type { ServiceStatus } from '../../src/api/status.ts';
import { writeAccounts } from '../../src/os/accounts/accounts-file.ts';
import { hashPassword } from '../../src/os/accounts/password-hash.ts';
import { pathsUnder, type StreamName } from '../../src/paths.ts';
import { SpoolWriter } from '../../src/spool/writer.ts';

export const PASSWORD = 'correct horse battery';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

export class PortalProcess {
  readonly root = mkdtempSync(join(tmpdir(), 'mss-portal-'));
  readonly paths = pathsUnder(this.root);
  /** the `mss` that it starts */
  mss = 'services/console/mss.ts';
  port = 0;
  cookie = '';
  #child: ChildProcess | undefined;
  #spools = new Map<StreamName, SpoolWriter>();

  /** Accounts: anna may download packets, bert may not. */
  async makeAccounts(): Promise<void> {
    const hash = await hashPassword(PASSWORD);
    const account = (name: string, packets: boolean) => ({ name, hash, packets, createdMs: 1 });
    writeAccounts(this.paths.accountsFile, [account('anna', true), account('bert', false)]);
  }

  /** Starts it and waits until it says that it is ready. @param webDir where the pages were built */
  async start(webDir = join(this.root, 'web')): Promise<void> {
    const script = join(this.root, 'portal.ts');
    const from = (path: string) => JSON.stringify(resolve(path));
    writeFileSync(
      script,
      `import { loadConfig } from ${from('src/os/config-file.ts')};
      import { runService } from ${from('src/os/run-service.ts')};
      import { paths } from ${from('src/paths.ts')};
      import { runPortal } from ${from('src/portal/service.ts')};
      runService('portal', (service) => runPortal(service, {
        paths,
        loadConfig: () => loadConfig().config,
        mssCommand: [process.execPath, ${from(this.mss)}],
        webDir: ${JSON.stringify(webDir)},
        ports: [${this.port}],
        address: '127.0.0.1',
      }));`,
    );
    mkdirSync(this.paths.statusDir, { recursive: true });
    rmSync(this.paths.statusFile('portal'), { force: true });
    const child = spawn(process.execPath, [script], {
      env: { PATH: process.env.PATH, MSS_ROOT: this.root },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.#child = child;
    const status = await this.waitForStatus(({ state }) => state === 'running');
    this.port = (status.detail.ports as number[])[0] ?? 0;
  }

  /** The next status that passes `test`. */
  async waitForStatus(test: (status: ServiceStatus) => boolean): Promise<ServiceStatus> {
    const file = this.paths.statusFile('portal');
    const watcher = watch(this.paths.statusDir);
    try {
      for (;;) {
        const changed = once(watcher, 'change');
        if (existsSync(file)) {
          const status = JSON.parse(readFileSync(file, 'utf8')) as ServiceStatus;
          if (status.pid === this.#child?.pid && test(status)) return status;
          if (status.pid === this.#child?.pid && status.state === 'stopped') throw new Error(status.message);
        }
        await changed;
      }
    } finally {
      watcher.close();
    }
  }

  append(stream: StreamName, ...events: SensorEvent[]): void {
    const spool = this.#spools.get(stream) ?? new SpoolWriter(this.paths.spoolDir(stream));
    this.#spools.set(stream, spool);
    for (const event of events) spool.append(event);
    spool.flush();
  }

  /** Appends, and waits until the archive holds so many records in all. */
  async store(total: number, stream: StreamName, ...events: SensorEvent[]): Promise<void> {
    this.append(stream, ...events);
    await this.waitForStatus(({ counters }) => (counters.storedRecords ?? 0) >= total);
  }

  /** A request as a browser sends it; the cookie of the last login goes along. */
  ask(
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> {
    return new Promise((done, fail) => {
      const headers = { 'x-mss': '1', ...(this.cookie === '' ? {} : { cookie: this.cookie }), ...options.headers };
      const asked = request(
        { host: '127.0.0.1', port: this.port, path, method: options.method, headers, rejectUnauthorized: false },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', fail);
          answer.on('end', () =>
            done({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
          );
        },
      );
      asked.on('error', fail);
      asked.end(options.body);
    });
  }

  async json(path: string): Promise<Record<string, unknown>> {
    return JSON.parse((await this.ask(path)).body.toString()) as Record<string, unknown>;
  }

  async login(name: string, password = PASSWORD): Promise<Answer> {
    const answer = await this.ask('/api/session', { method: 'POST', body: JSON.stringify({ name, password }) });
    const [cookie] = answer.headers['set-cookie'] ?? [];
    if (answer.status === 200 && cookie !== undefined) this.cookie = cookie.split(';')[0];
    return answer;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const gone = once(child, 'exit');
    child.kill(signal);
    const [code] = (await gone) as [number | null];
    return code;
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    for (const spool of this.#spools.values()) spool.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}
