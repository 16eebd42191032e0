// updater: what this sensor runs, how old its rules are, what newer release lies at hand; kept in a heartbeat file.
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceStatus } from '../api/status.ts';
import { messageOf } from '../errors.ts';
import { writeFileAtomic } from '../os/atomic-file.ts';
import type { Service } from '../os/run-service.ts';
import type { Paths } from '../paths.ts';
import { findNewestRelease, readReleaseVersion } from './find-releases.ts';
import { isFolder, type LocalFacts, readRulesUpdated, renderLocalStatus } from './local-status.ts';

export interface UpdaterOptions {
  paths: Paths;
  /** release.source of the configuration; read at the start and at each reload */
  loadSource: () => string;
}

const TURN_MS = 5000;
// looking into a folder may wake a share
const LOOK_MS = 60_000;

/** Runs until asked to stop. */
export async function runUpdater(service: Service, { paths, loadSource }: UpdaterOptions): Promise<void> {
  const turn = service.loop('status');
  let source = '';
  let offered: string | undefined;
  let sourceProblem: string | undefined;
  let lookedMs = 0;
  let said = '';

  const follow = () => {
    source = loadSource();
    lookedMs = 0;
  };
  service.onReload(follow);

  const look = () => {
    offered = sourceProblem = undefined;
    if (!isFolder(source)) return;
    try {
      offered = findNewestRelease(source)?.version;
    } catch (error) {
      sourceProblem = messageOf(error);
    }
  };

  let warnedOf = '';
  const currentVersion = (): string | undefined => {
    try {
      return readReleaseVersion(paths.currentRelease);
    } catch (error) {
      if (warnedOf !== messageOf(error)) service.warn(messageOf(error));
      warnedOf = messageOf(error);
      return undefined;
    }
  };

  const report = () => {
    const nowMs = Date.now();
    if (nowMs - lookedMs >= LOOK_MS || nowMs < lookedMs) {
      look();
      lookedMs = nowMs;
    }
    const facts: LocalFacts = {
      nowMs,
      version: currentVersion(),
      source,
      offered,
      sourceProblem,
      rulesUpdatedMs: readRulesUpdated(readStatus(paths.statusFile('ids'))),
    };
    Object.assign(service.detail, facts);
    const { text, isHealthy } = renderLocalStatus(facts);
    if (text !== said) service.say(isHealthy ? 'running' : 'degraded', text);
    said = text;
    const heartbeat = { timeMs: nowMs, version: facts.version, rulesUpdatedMs: facts.rulesUpdatedMs };
    writeFileAtomic(join(stateDir, 'heartbeat.json'), JSON.stringify(heartbeat), { durable: false });
    service.counters.heartbeats = (service.counters.heartbeats ?? 0) + 1;
  };

  const stateDir = paths.stateDir('updater');
  // on the box systemd made it (StateDirectory=)
  mkdirSync(stateDir, { recursive: true });
  try {
    follow();
  } catch (error) {
    service.warn(`${messageOf(error)}; goes on without a release source until the next reload`);
  }
  service.ready('looks at release and rules');
  while (!service.signal.aborted) {
    try {
      report();
    } catch (error) {
      // a full disk must not end the one service that can tell of it
      if (said !== messageOf(error)) service.warn(messageOf(error));
      said = messageOf(error);
      service.say('degraded', said);
    }
    turn();
    await delay(TURN_MS, undefined, { signal: service.signal }).catch(() => {});
  }
}

function readStatus(file: string): ServiceStatus | undefined {
  try {
    // a status is some kilobytes; what is larger is not one
    if (statSync(file).size > 1 << 20) return undefined;
    return JSON.parse(readFileSync(file, 'utf8')) as ServiceStatus;
  } catch {
    // ids has not started yet
    return undefined;
  }
}
