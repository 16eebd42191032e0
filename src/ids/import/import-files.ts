// `mss import`: capture files through the sensor's whole path with their own time stamps: packets into the store, the
// same packets into the engine, its records in order of time into the analysis, and between them the events of log
// files. Only the source of packets and logs differs from the wire.
import { rmSync } from 'node:fs';
import { Analysis } from '../../analysis/analysis.ts';
import { type Campaign, findCampaigns } from '../../api/campaign.ts';
import type { Incident, Suspect } from '../../api/incident.ts';
import { messageOf } from '../../errors.ts';
import { parseEveLine } from '../../eve/parse.ts';
import type { EveRecord } from '../../eve/record.ts';
import type { Rank } from '../../incidents/rank.ts';
import type { Normalize } from '../../logs/normalize.ts';
import type { Arrival } from '../../logs/parse.ts';
import type { CaptureFile } from '../../os/capture-file.ts';
import type { EngineStarter } from '../../os/engine-starter.ts';
import { LineSorter } from '../../os/line-sorter.ts';
import { emptyReport } from '../../pcap/packet.ts';
import { readCapture } from '../../pcap/read-capture.ts';
import { renderRules } from '../../rules/render-rules.ts';
import { ruleKey } from '../../rules/rule.ts';
import type { SourcedRule } from '../../rules/rule-file.ts';
import { StoreWriter } from '../../store/store-writer.ts';
import { EngineSession } from '../../suricata/apply-session.ts';
import { EngineCaptures } from './engine-captures.ts';
import { sortEve } from './sort-eve.ts';
import { parseLogLine, recognize, sortLog } from './sort-log.ts';

export interface ImportedFile {
  type: 'file';
  path: string;
  packets: number;
  stored: number;
  /** conversations in the index */
  flows: number;
  /** log events, where it is a log file */
  logs: number;
  /** packets that were not stored */
  skipped: number;
  /** what of it could not be read, stored or inspected, and why; empty when all was well */
  why: string;
}

export type ImportRecord =
  | ImportedFile
  | ({ type: 'alert'; eve: EveRecord } & Rank)
  | ({ type: 'incident'; first: string; last: string } & Incident)
  | ({ type: 'campaign'; first: string; last: string } & Campaign)
  | ({ type: 'suspect'; first: string; last: string } & Suspect)
  | ImportSummary;

export interface ImportSummary {
  type: 'summary';
  files: number;
  failed: number;
  packets: number;
  stored: number;
  flows: number;
  logs: number;
  alerts: number;
  incidents: number;
  /** hosts with a loud step, but no incident */
  suspects: number;
  /** steps of an attack that detectors and rules saw, whether they made an incident or not */
  signs: number;
  /** 0..1: conversations that have an end in HOME_NET; incidents are about those only */
  homeNetShare: number;
  seconds: number;
  engine: string;
  ruleset: string;
}

export interface ImportInput {
  files: readonly CaptureFile[];
  homeNet: readonly string[];
  /** the allow-list, see Analysis */
  trusted?: readonly string[];
  rules: readonly SourcedRule[];
  /** the decoders of log files */
  normalize: Normalize;
  storeDir: string;
  /** of createFileEngine; it stays the caller's, to be closed */
  engine: EngineStarter;
  /** what to call the rules in the summary */
  rulesName: string;
  /** rules that were set aside before the engine saw them */
  rulesBroken: number;
  /** files that the rules load, by name */
  lists?: ReadonlyMap<string, string>;
}

// the most a pcap reader takes for one packet (MAXIMUM_SNAPLEN of libpcap)
const MAX_ENGINE_PACKET_BYTES = 262_144;
const LEAST_ENGINE_MS = 120_000;
// an engine slower than this has stopped: 100 kB/s
const ENGINE_BYTES_PER_MS = 100;

/**
 * Imports files, one after the other; gives a record per file as it is done, then alerts in order of time over all files,
 * then incidents, highest rank first, the campaigns they make, suspect hosts, then the summary. A file that fails is told in
 * its record and costs the others nothing.
 * @throws MssError 'engine' when the engine does not start at all
 */
export async function* importFiles(input: ImportInput): AsyncGenerator<ImportRecord> {
  const startMs = performance.now();
  const store = new StoreWriter(input.storeDir);
  const start = () =>
    EngineSession.start(input.engine, { rules: renderRules(input.rules), homeNet: input.homeNet, lists: input.lists });
  let session = await start();
  const metadata = new Map(input.rules.map((rule) => [ruleKey(rule), rule.metadata]));
  const sorter = new LineSorter();
  const summary: ImportSummary = {
    type: 'summary',
    files: 0,
    failed: 0,
    packets: 0,
    stored: 0,
    flows: 0,
    logs: 0,
    alerts: 0,
    incidents: 0,
    suspects: 0,
    signs: 0,
    homeNetShare: 0,
    seconds: 0,
    engine: input.engine.engine.label,
    ruleset: `${input.rulesName}: ${session.rulesLoaded} rules, ${input.rulesBroken + session.refused.size} set aside`,
  };
  try {
    for (const capture of input.files) {
      if (!session.alive) {
        await session.close();
        session = await start();
      }
      const { file, failed } = await importFile(capture, store, session, {
        takeEve: (eve) => sortEve(eve, sorter, metadata),
        takeLog: (chunks, arrival) => sortLog(chunks, sorter, input.normalize, arrival),
      });
      summary.files++;
      summary.packets += file.packets;
      summary.stored += file.stored;
      summary.flows += file.flows;
      summary.logs += file.logs;
      if (failed) summary.failed++;
      yield file;
    }
    const incidents = new Map<string, Incident>();
    const suspects = new Map<string, Suspect>();
    const analysis = new Analysis(input.homeNet, input.trusted, summary.logs > 0);
    let inspectedFlows = 0;
    let homeFlows = 0;
    for await (const line of sorter.sorted()) {
      const eve = parseEveLine(line);
      const seen = eve === undefined ? analysis.pushLog(parseLogLine(line)) : analysis.push(eve);
      summary.signs += seen.events.length;
      for (const incident of seen.incidents) incidents.set(incident.id, incident);
      for (const suspect of seen.suspects) suspects.set(suspect.host, suspect);
      if (eve?.event_type === 'flow') {
        inspectedFlows++;
        if (analysis.isHome(eve.src_ip ?? '') || analysis.isHome(eve.dest_ip ?? '')) homeFlows++;
      }
      if (eve?.event_type !== 'alert') continue;
      summary.alerts++;
      yield { type: 'alert', eve, ...analysis.rankOf(eve)! };
    }
    const times = ({ firstUs, lastUs }: Suspect | Incident | Campaign) => ({
      first: timeText(firstUs),
      last: timeText(lastUs),
    });
    for (const { host } of incidents.values()) suspects.delete(host);
    const ranked = byRank([...incidents.values()]);
    for (const incident of ranked) yield { type: 'incident', ...times(incident), ...incident };
    for (const campaign of findCampaigns(ranked)) yield { type: 'campaign', ...times(campaign), ...campaign };
    for (const suspect of byRank([...suspects.values()])) yield { type: 'suspect', ...times(suspect), ...suspect };
    summary.incidents = incidents.size;
    summary.suspects = suspects.size;
    summary.homeNetShare = inspectedFlows === 0 ? 0 : homeFlows / inspectedFlows;
    summary.seconds = Number(((performance.now() - startMs) / 1000).toFixed(3));
    yield summary;
  } finally {
    sorter.close();
    await session.close();
  }
}

const timeText = (timeUs: number): string => new Date(timeUs / 1000).toISOString();

const byRank = <T extends Suspect | Incident>(found: T[]): T[] =>
  found.sort((a, b) => b.rank - a.rank || a.firstUs - b.firstUs);

interface Takers {
  /** a finished EVE file; answers how many records could not be read */
  takeEve(eveFile: string): Promise<number>;
  takeLog(chunks: AsyncIterable<Uint8Array>, arrival: Arrival): Promise<{ logs: number; oversizedLines: number }>;
}

async function importFile(
  { path, modifiedMs, read }: CaptureFile,
  store: StoreWriter,
  session: EngineSession,
  { takeEve, takeLog }: Takers,
): Promise<{ file: ImportedFile; failed: boolean }> {
  const report = emptyReport();
  // a stamp without a year or zone is read as of when the file was written last, in this machine's zone
  const offsetMinutes = -new Date(modifiedMs).getTimezoneOffset();
  const arrival: Arrival = { arrivedUs: Math.round(modifiedMs * 1000), offsetMinutes, sender: '', transport: 'file' };
  const before = { ...store.summary };
  const forEngine = new EngineCaptures(session);
  const why: string[] = [];
  let failed = false;
  let logs = 0;
  try {
    const { isLog, chunks } = await recognize(read(), arrival);
    if (isLog) {
      const taken = await takeLog(chunks, arrival);
      logs = taken.logs;
      if (taken.oversizedLines > 0) why.push(`${taken.oversizedLines} lines are too long for a log message`);
    }
    for await (const packet of isLog ? [] : readCapture(chunks, report, path)) {
      store.appendPacket(packet);
      if (packet.data.length <= MAX_ENGINE_PACKET_BYTES) forEngine.append(packet);
    }
    if (report.why !== undefined) why.push(report.why);
  } catch (error) {
    failed = true;
    why.push(messageOf(error).replace(`${path}: `, ''));
  }
  const stored = store.close();
  for (const capture of forEngine.close()) {
    const inspected = await session.inspect(
      capture.name,
      Math.max(LEAST_ENGINE_MS, capture.bytes / ENGINE_BYTES_PER_MS),
    );
    if (inspected.why !== undefined) why.push(`stored, but not inspected: ${inspected.why}`);
    else if (inspected.packets < capture.packets) {
      why.push(`the engine read ${inspected.packets} of ${capture.packets} packets`);
    }
    if (!session.alive) failed = true;
    const unreadable = await takeEve(inspected.eveFile);
    if (unreadable > 0) why.push(`${unreadable} records of the engine could not be read`);
    if (session.alive) rmSync(session.captureFile(capture.name), { force: true });
  }
  const storedHere = stored.packets - before.packets;
  const file: ImportedFile = {
    type: 'file',
    path,
    packets: report.packets,
    stored: storedHere,
    flows: stored.flows - before.flows,
    logs,
    skipped: report.packets - storedHere,
    why: why.join('; '),
  };
  return { file, failed };
}
