// ids: keeps a rule set in force, the engine configured and loaded, and turns what it says into events and incidents.
import { setTimeout as wait } from 'node:timers/promises';
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import type { AskControl } from '../os/control-client.ts';
import { requireEngine } from '../os/engine-process.ts';
import type { Service } from '../os/run-service.ts';
import type { Paths } from '../paths.ts';
import { planClassify } from '../respond/classification.ts';
import { readBatch } from '../spool/reader.ts';
import { listSegments } from '../spool/segment.ts';
import { SpoolWriter } from '../spool/writer.ts';
import { findKept, type IdsBookmark, loadBookmark, saveBookmark } from './bookmark.ts';
import { createEngineControl } from './engine-control.ts';
import { EngineSilence } from './engine-silence.ts';
import { renderEngineStatus, writeEngineStatus } from './engine-status.ts';
import { EveFollower } from './eve-follower.ts';
import { FileKeeper } from './files/file-keeper.ts';
import { loadIncidentState, saveIncidentState } from './incident-state.ts';
import { InspectedLedger } from './inspected-ledger.ts';
import { Intake } from './intake.ts';
import { LogFollower, readLogsBefore } from './log-follower.ts';
import { Responders } from './responders.ts';
import { RulesWatch } from './rules-watch.ts';
import { updateRules } from './rulesets/update-rules.ts';
import { VerdictFollower } from './verdict-follower.ts';

const IDLE_MS = 200;
const WATCH_MS = 2000;
/** the bookmark waits for the disk; what comes between two is found again in the spool after a kill */
const KEEP_EVERY_MS = 1000;
/** what the correlator knows is kept this often: the rest is found again in the spool */
const STATE_EVERY_MS = 60_000;
/** spool segments read back at the start at least, newest last: 8 MB each; they give the detectors their windows */
const REMEMBERED_SEGMENTS = 8;

export interface IdsWorld {
  paths: Paths;
  loadConfig: () => SensorConfig;
  ask: AskControl;
}

/** Runs until the service is asked to stop. @throws MssError 'io' when its spool or state cannot be opened */
export async function runIds(service: Service, world: IdsWorld): Promise<void> {
  const { paths: at } = world;
  let config = world.loadConfig();
  const writer = new SpoolWriter(at.spoolDir('ids'));
  const bookmark = loadBookmark(at);
  const intake = new Intake(config.ids, findKept(writer.dir, bookmark.nextRecord), bookmark.logs.record > 0);
  const classify = (next: SensorConfig) => {
    try {
      intake.classify = planClassify(next.classify.classes, next.sensor.domain);
    } catch (error) {
      service.warn(`${messageOf(error)}; the classes before stay in force`);
    }
  };
  classify(config);
  const known = loadIncidentState(at, intake.correlator) ?? { record: 0, log: 0 };
  remember(writer.dir, known.record, bookmark.nextRecord, intake);
  for (const logs of readLogsBefore(bookmark.logs, at.spoolDir('syslog-x'))) intake.rememberLogs(logs, known.log);
  const keeper = new FileKeeper(service, at, config);
  const engine = createEngineControl(at, world.ask);
  const rules = new RulesWatch(service, at, engine);

  const notice = (level: 'info' | 'warning' | 'error', text: string) => {
    const event = { type: 'notice' as const, timeUs: Date.now() * 1000, service: 'ids', level, text };
    writer.append(event);
    responders.offer(event);
  };
  const responders = new Responders(service, at, config, (text) => notice('warning', text));
  const silence = new EngineSilence(performance.now());
  let applying = Promise.resolve();
  let queued: { fetch: boolean } | undefined;
  // one after the other: two at once would test rules twice at the same time, and give two sets one number; one that
  // waits takes the newest configuration, so there is never more than one that does
  const applyAll = (fetch: boolean): Promise<void> => {
    if (queued !== undefined) {
      queued.fetch ||= fetch;
      return applying;
    }
    const mine = { fetch };
    queued = mine;
    applying = applying.then(async () => {
      queued = undefined;
      await makeRules(service, at, config, mine.fetch);
      const said = await attempt(service, 'engine', () => engine.apply(config));
      if (said !== undefined) service.say('running', said);
      await attempt(service, 'rules', () => rules.check());
    });
    return applying;
  };

  service.onReload(async () => {
    const next = world.loadConfig();
    const networks = ({ ids }: SensorConfig) => JSON.stringify([ids.homeNet, ids.trusted]);
    if (networks(next) !== networks(config)) intake.setNetworks(next.ids);
    config = next;
    responders.configure(config);
    keeper.configure(config);
    classify(config);
    await applyAll(true);
  });
  service.ready('making rules and engine configuration');
  const background = (async () => {
    await applyAll(false);
    while (!service.signal.aborted) {
      await wait(WATCH_MS, undefined, { signal: service.signal }).catch(() => {});
      await attempt(service, 'rules', () => rules.check());
      if (silence.isSuspicious(intake.lines, performance.now())) {
        service.warn('the engine has said nothing for minutes, not even its statistics: it is restarted');
        await attempt(service, 'engine', () => engine.restart());
      }
    }
  })();

  const responding = responders.run();
  await follow(service, at, writer, bookmark, intake, responders, keeper, notice);
  await Promise.all([background, responding]);
  writer.close();
}

/** The loop that must never stop: EVE to spool, bookmark behind it. */
async function follow(
  service: Service,
  at: Paths,
  writer: SpoolWriter,
  from: IdsBookmark,
  intake: Intake,
  responders: Responders,
  keeper: FileKeeper,
  notice: (level: 'info' | 'warning', text: string) => void,
): Promise<void> {
  const follower = new EveFollower(at.eveDir, from.eve);
  const logFollower = new LogFollower(at.spoolDir('syslog-x'), from.logs);
  const verdictFollower = new VerdictFollower(at.spoolDir('verdicts'), from.verdicts);
  const turn = service.loop('eve');
  const ledger = new InspectedLedger(at.ledgerDir('ids'), (text) => service.warn(text));
  intake.onStats = (stats, timeUs) => {
    const lostRecords = intake.unreadableLines + follower.oversizedLines + writer.droppedRecords;
    ledger.take(stats, timeUs, { lostRecordBytes: follower.lostBytes, lostRecords });
  };
  let kept = from;
  let reportedLoss = 0;
  let refusedBefore = false;
  let keptMs = Number.NEGATIVE_INFINITY;
  let bookmarkFailed = false;
  let stateMs = performance.now();
  let reached = from;
  const keepState = () => {
    stateMs = performance.now();
    saveIncidentState(at, intake.correlator, { record: kept.nextRecord, log: kept.logs.record });
  };
  const keep = () => {
    if (isSamePlace(reached, kept)) return;
    keptMs = performance.now();
    try {
      writer.sync();
      responders.keep();
      saveBookmark(at, reached);
      kept = reached;
      if (keptMs - stateMs >= STATE_EVERY_MS) keepState();
      follower.prune();
      bookmarkFailed = false;
    } catch (error) {
      // a full disk: the old one still tells the truth, and the next turn tries again
      if (!bookmarkFailed) service.warn(messageOf(error));
      bookmarkFailed = true;
      follower.pruneUnread();
    }
  };
  while (!service.signal.aborted) {
    const batch = follower.read();
    const logBatch = logFollower.read();
    const verdicts = verdictFollower.read();
    intake.badFiles = keeper.badFiles();
    const events = intake.take(batch.lines, logBatch.logs);
    const all = [...events, ...verdicts.flatMap((verdict) => intake.judge(verdict))];
    for (const event of all) {
      responders.offer(event);
      keeper.offer(event);
    }
    keeper.prune(Date.now());
    for (const one of logBatch.logs) {
      // syslog-x has written it already; a mail and a block it can have all the same
      if ('hit' in one) responders.offer(intake.ranked({ type: 'alert', timeUs: one.timeUs, eve: one.hit }));
    }
    // before the spool has them: what is found there after a kill is offered no more
    responders.flush();
    for (const event of all) writer.append(event);
    if (follower.lostBytes > reportedLoss) {
      const text = `${follower.lostBytes - reportedLoss} bytes of the engine's records were given up unread: ids could not keep up`;
      reportedLoss = follower.lostBytes;
      notice('warning', text);
      service.warn(text);
    }
    let refused = writer.flush();
    while (refused !== undefined && !service.signal.aborted) {
      // no new lines are taken while the disk refuses the old ones; the engine's files wait
      if (!refusedBefore) service.warn(refused);
      refusedBefore = true;
      await wait(1000, undefined, { signal: service.signal }).catch(() => {});
      turn();
      follower.pruneUnread();
      refused = writer.flush();
    }
    if (refused !== undefined) break;
    refusedBefore = false;
    reached = { eve: batch.next, logs: logBatch.next, verdicts: verdictFollower.place, nextRecord: writer.nextRecord };
    if (performance.now() - keptMs >= KEEP_EVERY_MS) keep();
    service.counters.lostLogs = logFollower.lostLogs;
    report(service, at, follower, intake, writer);
    turn();
    if (!batch.more && !logBatch.more) await wait(IDLE_MS, undefined, { signal: service.signal }).catch(() => {});
  }
  keep();
  ledger.close();
  await attempt(service, 'incidents', async () => keepState());
}

const isSamePlace = (a: IdsBookmark, b: IdsBookmark): boolean =>
  a.eve.file === b.eve.file &&
  a.eve.offset === b.eve.offset &&
  a.logs.record === b.logs.record &&
  a.verdicts.record === b.verdicts.record;

function report(service: Service, at: Paths, follower: EveFollower, intake: Intake, writer: SpoolWriter): void {
  const { counters, detail } = service;
  counters.records = intake.records;
  counters.alerts = intake.alerts;
  counters.incidents = intake.incidents;
  counters.logs = intake.logs;
  counters.tiedLogs = intake.logTies.tied;
  counters.untiedLogs = intake.logTies.untied;
  counters.unreadableLines = intake.unreadableLines + follower.oversizedLines;
  counters.lostEveBytes = follower.lostBytes;
  counters.droppedRecords = writer.droppedRecords;
  counters.prunedRecords = writer.prunedRecords;
  counters.deletedAlerts = intake.deleted;
  counters.forgottenHosts = intake.evicted;
  detail.lastAlerts = intake.lastAlerts;
  if (intake.stats !== undefined && intake.stats !== detail.engine) {
    detail.engine = intake.stats;
    try {
      writeEngineStatus(at, renderEngineStatus(intake.stats, String(detail.engineVersion ?? ''), Date.now()));
    } catch (error) {
      service.warn(messageOf(error));
    }
  }
  if (intake.flowPackets > 0) detail.homeNetShare = intake.homeFlowPackets / intake.flowPackets;
}

/** Shows the analysis what was seen before this start. @param known what comes before is in the correlator already */
function remember(dir: string, known: number, until: number, intake: Intake): void {
  const segments = listSegments(dir);
  if (segments.length === 0) return;
  const unknown = segments.findLast((segment) => segment <= known) ?? segments[0];
  const first = Math.min(segments.slice(-REMEMBERED_SEGMENTS)[0], unknown);
  for (let place = { record: first, segment: first, offset: 0 }; place.record < until; ) {
    const batch = readBatch(dir, 'ids', place);
    for (const { number, event } of batch.records) if (number < until) intake.remember(event, number < known);
    if (batch.next.record === place.record && batch.next.offset === place.offset) return;
    place = batch.next;
  }
}

/** Makes sure a rule set is in force; without a new one the old one stays. */
async function makeRules(service: Service, at: Paths, config: SensorConfig, fetch: boolean): Promise<void> {
  await attempt(service, 'rules', async () => {
    const engine = requireEngine();
    service.detail.engineVersion = engine.version;
    const { set, changed, diff } = await updateRules(at, config, engine, {
      fetch,
      warn: (text) => service.warn(text),
    });
    if (!changed) return;
    const { added, removed, changed: edited } = diff;
    const counts = `${added.length} added, ${edited.length} changed, ${removed.length} removed`;
    service.say('running', `rule set ${set.id}: ${set.rules} rules (${counts}), ${set.broken.length} set aside`);
  });
}

async function attempt<T>(service: Service, what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    service.warn(`${what}: ${messageOf(error)}`);
    return undefined;
  }
}
