// The portal at work: spools into the archive, the archive and what is new to browsers and to `mss`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SensorStatus } from '../api/sensor-status.ts';
import type { ServiceStatus } from '../api/status.ts';
import type { DuckDbArchive } from '../archive/duckdb.ts';
import { readWhenOpen } from '../archive/read-when-open.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import { readLedger } from '../ledger/read-ledger.ts';
import { accountsVersion, readAccounts } from '../os/accounts/accounts-file.ts';
import { NO_PASSWORD, verifyPassword } from '../os/accounts/password-hash.ts';
import { loadCertificate, machineNames } from '../os/certificate.ts';
import { startWaiting } from '../os/child-stream.ts';
import { serveTls, serveUnixSocket } from '../os/http.ts';
import { findLastExit } from '../os/last-exit.ts';
import { openOrigins } from '../os/origin-files.ts';
import { waysOutside } from '../os/outside.ts';
import type { Service } from '../os/run-service.ts';
import { findStorage, readSpace } from '../os/storage-file.ts';
import { type Paths, SERVICES, STREAMS } from '../paths.ts';
import { WhoIs } from '../respond/enrich/who-is.ts';
import { createApp } from './app.ts';
import { followSpool } from './live/follow-spool.ts';
import { LiveHub } from './live/live-hub.ts';
import { Authority } from './login/authority.ts';
import { openAuditLog } from './packets/audit-log.ts';
import { PacketDownloads } from './packets/download.ts';
import { SpareMss } from './packets/spare-mss.ts';
import { PAGE_PORTS, Pages } from './pages.ts';
import type { PortalParts } from './parts.ts';
import { readStaticFiles } from './static-files.ts';
import { openVerdicts } from './verdicts.ts';

const UPKEEP_MS = 10 * 60_000;
/** an hour to both sides of an event is found in seconds; a share that hangs must end too */
const PACKETS_WITHIN_MS = 10 * 60_000;
/** the rush of the start is over by then */
const SPARE_AFTER_MS = 20_000;
const OPEN_RETRY_MS = 5000;
const FEED_MS = 5000;
/** a log of unmerged rows is read in when the archive is opened */
const OPEN_WITHIN_MS = 120_000;
const ASK_WITHIN_MS = 20_000;

export interface PortalOptions {
  paths: Paths;
  loadConfig(): SensorConfig;
  /** program and first arguments of `mss` */
  mssCommand: readonly string[];
  /** folder of index.html */
  webDir: string;
  /** for tests: other ports than the product's, on loopback only */
  ports?: readonly number[];
  address?: string;
}

/** Runs until the service is asked to stop. */
export async function runPortal(service: Service, options: PortalOptions): Promise<void> {
  const { paths } = options;
  let config = options.loadConfig();
  const opening = Promise.withResolvers<DuckDbArchive>();
  const hub = new LiveHub();
  // compiled once, it starts in half the time; a query that needs more memory than this is none of ours
  const childEnv = {
    NODE_COMPILE_CACHE: join(paths.stateDir('portal'), 'compiled'),
    NODE_OPTIONS: '--max-old-space-size=512',
  };
  const whoIs = new WhoIs(waysOutside(() => config.release.proxy));
  const command = [...options.mssCommand, 'packets', '--wait'];
  const spare = new SpareMss(
    () => startWaiting(command, { timeoutMs: PACKETS_WITHIN_MS, env: childEnv }),
    service.signal,
  );
  const parts: PortalParts = {
    archive: readWhenOpen(opening.promise, ASK_WITHIN_MS),
    authority: new Authority({
      version: () => accountsVersion(paths.accountsFile),
      read: () => readAccounts(paths.accountsFile),
      verify: verifyPassword,
      noPassword: NO_PASSWORD,
    }),
    hub,
    downloads: new PacketDownloads(spare.ask),
    judge: openVerdicts(paths),
    audit: openAuditLog(join(paths.stateDir('portal'), 'audit.log')),
    filesDir: paths.filesDir,
    files: readStaticFiles(options.webDir),
    counters: service.counters,
    signal: service.signal,
    hostNames: machineNames,
    readStatus: () => readSensorStatus(paths, config.sensor.name),
    findOrigin: openOrigins(paths.originsDirs),
    whoIs: async (address) => (config.enrich.outside ? whoIs.ask(address) : undefined),
    readLedger: (...asked) =>
      readLedger({ stored: paths.ledgerDir('capture'), inspected: paths.ledgerDir('ids') }, ...asked),
  };
  const { fetch } = createApp(parts);
  const socket = await serveUnixSocket(fetch, paths.portalSocket);
  const pages = new Pages({
    ports: options.ports ?? PAGE_PORTS,
    open: (port, identity) => serveTls(fetch, identity, port, options.address),
    loadIdentity: () => loadCertificate(paths.stateDir('portal'), machineNames(), Date.now()),
    warn: (text) => service.warn(text),
  });
  const followConfig = async () => {
    config = options.loadConfig();
    await pages.follow(config.pages.serverMode);
    service.detail.fingerprint = pages.fingerprint;
    service.detail.ports = pages.ports;
    service.detail.url = pageUrl(pages.ports);
  };
  service.onReload(followConfig);
  await followConfig();
  service.ready(describe(pages.ports, undefined));

  // last of all, since loading DuckDB takes longer than all before; who asks meanwhile waits
  const turned = service.loop('spool');
  const archive = await openArchive(service, paths.archiveFile, turned);
  opening.resolve(archive);
  service.say('running', describe(pages.ports, archive.setAside));
  setTimeout(() => spare.prepare(), SPARE_AFTER_MS).unref();

  let refusing = false;
  const upkeep = keepUp(service, archive, followConfig, () => config);
  await followSpool({
    archive,
    streams: STREAMS.map((name) => ({ name, dir: paths.spoolDir(name) })),
    signal: service.signal,
    turned,
    applied: (_stream, batch, passedOver) => {
      for (const { number, event } of batch.records) hub.publish(number, event);
      const { counters } = service;
      counters.storedRecords = (counters.storedRecords ?? 0) + batch.records.length + batch.badRecords - passedOver;
      counters.badRecords = (counters.badRecords ?? 0) + passedOver;
      counters.liveDroppedRows = hub.droppedRows;
      service.detail.watchers = hub.watchers;
      if (refusing) service.say('running', describe(pages.ports, archive.setAside));
      refusing = false;
    },
    refused: (reason) => {
      if (!refusing) service.warn(reason);
      refusing = true;
      service.say('degraded', reason);
    },
  });
  hub.wakeAll();
  await Promise.all([pages.close(), socket.close(), upkeep]);
  await archive.close();
}

/** A disk or a lock that refuses is waited for: the service says so and tries again. `turned` is called while it does. */
async function openArchive(service: Service, file: string, turned: () => void): Promise<DuckDbArchive> {
  const { DuckDbArchive } = await import('../archive/duckdb.ts');
  for (;;) {
    const feeding = setInterval(turned, FEED_MS);
    const enough = setTimeout(() => clearInterval(feeding), OPEN_WITHIN_MS);
    try {
      const archive = await DuckDbArchive.open(file);
      if (archive.setAside !== undefined) service.warn(archive.setAside);
      return archive;
    } catch (error) {
      service.say('degraded', messageOf(error));
      await sleep(OPEN_RETRY_MS, undefined, { signal: service.signal });
    } finally {
      clearInterval(feeding);
      clearTimeout(enough);
    }
  }
}

/** Every ten minutes: what is too old or too much goes, and the certificate follows the machine's addresses. */
async function keepUp(
  service: Service,
  archive: DuckDbArchive,
  followConfig: () => Promise<void>,
  config: () => SensorConfig,
): Promise<void> {
  while (!service.signal.aborted) {
    try {
      const { rows, beforeUs, usedBytes } = await archive.prune(config().archive, Date.now() * 1000);
      service.counters.prunedRows = (service.counters.prunedRows ?? 0) + rows;
      service.detail.archive = {
        usedBytes,
        limitBytes: config().archive.bytes,
        prunedBeforeMs: beforeUs && beforeUs / 1000,
      };
      await followConfig();
    } catch (error) {
      service.warn(messageOf(error));
    }
    await sleep(UPKEEP_MS, undefined, { signal: service.signal }).catch(() => {}); // the signal ends the loop
  }
}

const describe = (ports: readonly number[], setAside: string | undefined): string =>
  `${ports.length > 0 ? `pages on tcp ${[...ports].sort().join(', ')}` : 'no pages (client mode)'}${setAside === undefined ? '' : `; ${setAside}`}`;

/** An address first: it works without DNS. */
function pageUrl(ports: readonly number[]): string | undefined {
  if (ports.length === 0) return undefined;
  const names = machineNames().filter((name) => name !== 'localhost' && name !== '127.0.0.1' && name !== '::1');
  const host = names.find((name) => /^\d+\.\d+\.\d+\.\d+$/.test(name)) ?? names[0] ?? 'localhost';
  return `https://${host.includes(':') ? `[${host}]` : host}:${ports[0]}/`;
}

function readSensorStatus(paths: Paths, name: string): SensorStatus {
  const storage = findStorage(paths);
  return {
    name,
    services: SERVICES.flatMap((service) => readServiceStatus(paths.statusFile(service)) ?? []),
    exits: SERVICES.flatMap((service) => findLastExit(service, paths) ?? []),
    storage: storage === undefined ? undefined : { ...storage, freeBytes: freeBytes(storage.dir) },
    nowMs: Date.now(),
  };
}

function readServiceStatus(file: string): ServiceStatus | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ServiceStatus;
  } catch {
    return undefined; // not started yet, or not for us to read: the page shows that it is not known
  }
}

function freeBytes(dir: string): number | undefined {
  try {
    return readSpace(dir).freeBytes;
  } catch {
    return undefined; // the share is gone; capture says so
  }
}
