// npm run bench:detect -- FOLDER... [--rules PATH] [--home-net CIDR,...]: what is found in each capture file by itself:
// incidents with their phases and evidence, suspect hosts, and beside that what severity 1 alone would have flagged.
// As `mss import`, but one file at a time with an engine that stays up. Whoever reads the table judges true and false.
// With --handshakes conversations whose beginning is not in the file are left out (ids.midstream false).
// With --among FOLDER (of harmless captures, seen before) also: in a list of that folder's alerts and one file's own, at
// which row the first of its own stands that speaks of a phase, sorted by rank and by severity.
import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

import { Analysis } from '../../src/analysis/analysis.ts';
import type { Evidence, Incident, Suspect } from '../../src/api/incident.ts';
import { parseSensorConfig } from '../../src/config/parse.ts';
import { findPhase } from '../../src/detect/alert.ts';
import { MssError, messageOf } from '../../src/errors.ts';

import { parseEveLine } from '../../src/eve/parse.ts';
import { EngineCaptures } from '../../src/ids/import/engine-captures.ts';
import { planImportRules, readImportRules } from '../../src/ids/import/import-rules.ts';
import { sortEve } from '../../src/ids/import/sort-eve.ts';
import { openCaptureFile } from '../../src/os/capture-file.ts';
import { requireEngine } from '../../src/os/engine-process.ts';
import { LineSorter } from '../../src/os/line-sorter.ts';
import { emptyReport } from '../../src/pcap/packet.ts';
import { readCapture } from '../../src/pcap/read-capture.ts';
import { renderRules } from '../../src/rules/render-rules.ts';
import { ruleKey } from '../../src/rules/rule.ts';
import { createFileEngine, EngineSession } from '../../src/suricata/apply-session.ts';
import { figure, main } from '../shell.ts';
import { type AlertRow, firstPlace } from './first-row.ts';

const CAPTURE_FILE = /\.(pcap|pcapng|cap|dump)(\.gz|\.zst)?$/;
/** of the engine for one file: what it has not read by then is told, and the next file begins */
const FILE_MS = 30_000;
const EVIDENCE_SHOWN = 4;
/** what a person sees without scrolling */
const FIRST_ROWS = 10;

interface Found {
  incidents: Incident[];
  suspects: Suspect[];
  severityOne: boolean;
  /** every alert, and those that speak of a phase */
  alerts: AlertRow[];
  telling: AlertRow[];
}

/** Has the engine read one file, and gives its records in order of time. */
async function* inspect(session: EngineSession, path: string, metadata: Parameters<typeof sortEve>[2]) {
  const sorter = new LineSorter();
  try {
    const captures = new EngineCaptures(session);
    try {
      for await (const packet of readCapture(openCaptureFile(path).read(), emptyReport(), path))
        captures.append(packet);
    } catch (error) {
      process.stdout.write(`  ${messageOf(error)}\n`);
    }
    for (const { name } of captures.close()) {
      const { eveFile, why } = await session.inspect(name, FILE_MS);
      if (why !== undefined) process.stdout.write(`  ${basename(path)}: ${why.split('; ', 1)[0]}\n`);
      await sortEve(eveFile, sorter, metadata);
      if (session.alive) rmSync(session.captureFile(name), { force: true });
    }
    for await (const line of sorter.sorted()) {
      const record = parseEveLine(line);
      if (record !== undefined) yield record;
    }
  } finally {
    sorter.close();
  }
}

async function find(records: ReturnType<typeof inspect>, analysis: Analysis): Promise<Found> {
  const incidents = new Map<string, Incident>();
  const suspects = new Map<string, Suspect>();
  const alerts: AlertRow[] = [];
  const telling: AlertRow[] = [];
  for await (const record of records) {
    const seen = analysis.push(record);
    const rank = analysis.rankOf(record)?.rank;
    if (record.alert !== undefined && rank !== undefined && record.event_type === 'alert') {
      alerts.push({ rank, severity: record.alert.severity });
      if (findPhase(record.alert) !== undefined) telling.push(alerts.at(-1)!);
    }
    for (const incident of seen.incidents) incidents.set(incident.id, incident);
    for (const suspect of seen.suspects) suspects.set(suspect.host, suspect);
  }
  for (const { host } of incidents.values()) suspects.delete(host);
  const severityOne = alerts.some(({ severity }) => severity === 1);
  return { incidents: [...incidents.values()], suspects: [...suspects.values()], severityOne, alerts, telling };
}

function render(path: string, { incidents, suspects, severityOne }: Found): string {
  const evidence = (item: Evidence) => `      ${item.phase}: ${item.summary} [${item.rule ?? item.detector}]`;
  const lines = (kind: string, { host, rank, phases, evidence: all }: Incident | Suspect) => {
    const distinct = [...new Set(all.map(evidence))];
    const more = distinct.length > EVIDENCE_SHOWN ? [`      … and ${distinct.length - EVIDENCE_SHOWN} more`] : [];
    return [`    ${kind} ${host} rank ${rank}: ${phases.join(', ')}`, ...distinct.slice(0, EVIDENCE_SHOWN), ...more];
  };
  return [
    `  ${basename(path)}${severityOne ? '  (severity 1)' : ''}`,
    ...incidents.flatMap((incident) => lines('incident', incident)),
    ...suspects.flatMap((suspect) => lines('suspect', suspect)),
  ].join('\n');
}

await main(async () => {
  const { values, positionals: folders } = parseArgs({
    allowPositionals: true,
    options: {
      rules: { type: 'string' },
      'home-net': { type: 'string' },
      among: { type: 'string' },
      handshakes: { type: 'boolean', default: false },
    },
  });
  if (folders.length === 0) throw new MssError('usage', 'name folders of capture files');
  const { rules, name } = planImportRules(await readImportRules(values.rules));
  const homeNet = values['home-net']?.split(',') ?? parseSensorConfig({}).ids.homeNet;
  const metadata = new Map(rules.map((rule) => [ruleKey(rule), rule.metadata]));
  const engine = createFileEngine(requireEngine());
  const text = renderRules(rules);
  const startedMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedMs) / 1000);
  const start = () => EngineSession.start(engine, { rules: text, homeNet, midstream: !values.handshakes });
  let session = await start();
  try {
    process.stdout.write(`${session.rulesLoaded} rules (${name}), HOME_NET ${homeNet.join(', ')}\n`);
    const filesIn = (folder: string) =>
      readdirSync(folder)
        .filter((file) => CAPTURE_FILE.test(file))
        .sort()
        .map((file) => join(folder, file));
    const inspectFile = async (path: string, analysis: Analysis) => {
      process.stderr.write(`[${seconds()} s] ${basename(path)}\n`);
      if (!session.alive) {
        await session.close();
        session = await start();
      }
      return await find(inspect(session, path, metadata), analysis);
    };
    const others: AlertRow[] = [];
    const before = new Analysis(homeNet, [], false);
    for (const path of values.among === undefined ? [] : filesIn(values.among)) {
      others.push(...(await inspectFile(path, before)).alerts);
    }
    for (const folder of folders) {
      const count = { incident: 0, suspect: 0, severityOne: 0, telling: 0, byRank: 0, bySeverity: 0 };
      process.stdout.write(`${folder}\n`);
      const files = filesIn(folder);
      for (const path of files) {
        const analysis = new Analysis(homeNet, [], false);
        // what was learned of the rules before this file came
        analysis.correlator.truth.restore(structuredClone(before.correlator.truth.entries()));
        const found = await inspectFile(path, analysis);
        if (found.incidents.length > 0) count.incident++;
        else if (found.suspects.length > 0) count.suspect++;
        if (found.severityOne) count.severityOne++;
        process.stdout.write(`${render(path, found)}\n`);
        if (values.among === undefined || found.telling.length === 0) continue;
        const byRank = firstPlace(found.telling, others, ({ rank }) => -rank);
        const bySeverity = firstPlace(found.telling, others, ({ severity }) => severity);
        count.telling++;
        if (byRank <= FIRST_ROWS) count.byRank++;
        if (bySeverity <= FIRST_ROWS) count.bySeverity++;
        const places = `row ${byRank.toFixed(1)} by rank, ${bySeverity.toFixed(1)} by severity`;
        process.stdout.write(`    first alert of it: ${places}\n`);
      }
      const label = basename(folder).replaceAll(/\W/g, '_');
      figure(`detect_${label}_files`, files.length, 'files');
      figure(`detect_${label}_with_incident`, count.incident, 'files');
      figure(`detect_${label}_with_suspect_only`, count.suspect, 'files');
      figure(`detect_${label}_severity_1`, count.severityOne, 'files');
      if (values.among === undefined) continue;
      figure(`detect_${label}_other_alerts`, others.length, 'alerts');
      figure(`detect_${label}_with_alerts`, count.telling, 'files');
      figure(`detect_${label}_first_rows_by_rank`, count.byRank, 'files');
      figure(`detect_${label}_first_rows_by_severity`, count.bySeverity, 'files');
    }
    figure('detect_seconds', seconds(), 's');
  } finally {
    await session.close();
    await engine.close();
  }
});
