// rsyslog and syslog-ng from Debian, unpacked beside one another under build/: apt would install only one of them.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MssError } from '../../../src/errors.ts';
import { buildDir, run } from '../../shell.ts';

// busybox is no peer, but a sender of the tests
const PACKAGES = ['rsyslog', 'rsyslog-gnutls', 'syslog-ng-core', 'busybox'];

export interface Peers {
  rsyslogd: string;
  rsyslogModules: string;
  syslogNg: string;
  syslogNgModules: string;
  loggen: string;
  busybox: string;
  /** for all of them */
  env: NodeJS.ProcessEnv;
}

/**
 * Unpacks the peers where they are not yet.
 * @throws MssError 'io' where apt has no such package or cannot be reached
 */
export async function unpackPeers(): Promise<Peers> {
  const folder = join(buildDir, 'bench', 'syslog');
  const root = join(folder, 'root');
  const archives = join(folder, 'archives');
  if (!existsSync(join(root, 'complete'))) {
    mkdirSync(archives, { recursive: true });
    const names = await findMissing(PACKAGES);
    await run('apt-get', ['-q', 'download', ...names], { cwd: archives, timeoutMs: 300_000 });
    for (const file of readdirSync(archives)) await run('dpkg', ['-x', join(archives, file), root]);
    mkdirSync(join(root, 'complete'));
  }
  const libraries = join(root, 'usr/lib', (await run('dpkg-architecture', ['-qDEB_HOST_MULTIARCH'])).trim());
  const ofNg = join(root, 'usr/lib/syslog-ng');
  const version = readdirSync(ofNg).find((name) => /^\d/.test(name));
  if (version === undefined) throw new MssError('io', `${ofNg} holds no modules; remove ${folder} and try again`);
  return {
    rsyslogd: join(root, 'usr/sbin/rsyslogd'),
    rsyslogModules: join(libraries, 'rsyslog'),
    syslogNg: join(root, 'usr/sbin/syslog-ng'),
    syslogNgModules: join(ofNg, version),
    loggen: join(root, 'usr/bin/loggen'),
    // Debian 13 has no /bin beside /usr/bin
    busybox: ['usr/bin', 'bin'].map((dir) => join(root, dir, 'busybox')).find((path) => existsSync(path)) ?? 'busybox',
    env: { LD_LIBRARY_PATH: `${libraries}:${ofNg}` },
  };
}

/** The packages and all they need that this machine has not. */
async function findMissing(wanted: readonly string[]): Promise<string[]> {
  const options = ['no-recommends', 'no-suggests', 'no-conflicts', 'no-breaks', 'no-replaces', 'no-enhances'];
  const text = await run('apt-cache', ['depends', '--recurse', ...options.map((one) => `--${one}`), ...wanted]);
  const names = new Set(text.split('\n').filter((line) => /^[a-z0-9]/.test(line)));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own
  const installed = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n']);
  for (const line of installed.split('\n')) {
    const [name, state] = line.split(' ');
    if (state === 'installed' && !wanted.includes(name)) names.delete(name);
  }
  const real = await run('apt-cache', ['show', ...wanted, ...[...names].filter((name) => /^lib/.test(name))]);
  const known = new Set([...real.matchAll(/^Package: (.*)$/gm)].map((match) => match[1]));
  return [...new Set([...wanted, ...[...names].filter((name) => /^lib/.test(name) && known.has(name))])];
}
