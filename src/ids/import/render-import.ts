// What `mss import` found, as text for a person: files, alerts summed up by rule, incidents with their evidence.
import { type Campaign, renderCampaign, renderRelated } from '../../api/campaign.ts';
import type { Actors, Evidence, Incident, Suspect } from '../../api/incident.ts';
import { eventTimeUs } from '../../eve/parse.ts';
import type { EveRecord } from '../../eve/record.ts';
import type { ImportedFile, ImportSummary } from './import-files.ts';

const EVIDENCE_SHOWN = 12;
const ACTORS_SHOWN = 5;
const RULES_SHOWN = 50;

export function renderFile({ path, stored, packets, flows, logs, why }: ImportedFile): string {
  const what = logs > 0 ? `${logs} log events` : `${stored} of ${packets} packets stored, ${flows} flows`;
  return `${path}: ${what}${why === '' ? '' : `; ${why}`}`;
}

interface RuleCount {
  count: number;
  firstUs: number;
  hosts: Set<string>;
  eve: EveRecord;
}

/** Counts alerts by rule; holds one record a rule, however many alerts there are. */
export class AlertTable {
  readonly #rules = new Map<string, RuleCount>();

  add(eve: EveRecord): void {
    const { gid, signature_id, rev } = eve.alert!;
    const id = `${gid}:${signature_id}:${rev}`;
    const row = this.#rules.get(id) ?? { count: 0, firstUs: eventTimeUs(eve), hosts: new Set(), eve };
    row.count++;
    if (row.hosts.size < 1000) row.hosts.add(`${eve.src_ip} ${eve.dest_ip}`);
    this.#rules.set(id, row);
  }

  render(): string {
    if (this.#rules.size === 0) return 'No alerts.';
    const rows = [...this.#rules].sort(
      ([, a], [, b]) => a.eve.alert!.severity - b.eve.alert!.severity || b.count - a.count || a.firstUs - b.firstUs,
    );
    const lines = rows.slice(0, RULES_SHOWN).map(([id, { count, firstUs, hosts, eve }]) => {
      const pairs = hosts.size === 1 ? `${eve.src_ip} -> ${eve.dest_ip}` : `${hosts.size} pairs of hosts`;
      return `  ${String(count).padStart(6)} x  ${time(firstUs)}  ${eve.alert!.signature}  [${id}]  ${pairs}`;
    });
    if (rows.length > RULES_SHOWN)
      lines.push(`  … and ${rows.length - RULES_SHOWN} more rules (--json lists every alert)`);
    return ['Alerts, worst first:', ...lines].join('\n');
  }
}

/** An incident: who, how bad, which steps, and what says so. */
export function renderIncident(incident: Incident): string {
  const { host, rank, score, phases, evidence, evidenceDropped, firstUs, lastUs } = incident;
  const head = `Incident: ${host}  rank ${rank}  score ${score.toFixed(2)}  ${phases.join(', ')}  ${time(firstUs)} to ${time(lastUs)}`;
  const rows = evidence.slice(0, EVIDENCE_SHOWN).map(renderEvidence);
  const more = evidence.length - rows.length + evidenceDropped;
  if (more > 0) rows.push(`  … and ${more} more`);
  const others = renderRelated(incident.related);
  const together = others === '' ? [] : [`  together with ${others}`];
  return [head, ...renderActors(incident.actors), ...together, ...rows].join('\n');
}

const ROLES: readonly [keyof Actors, string][] = [
  ['attackers', 'attacked by'],
  ['eggSources', 'fetched programs from'],
  ['controllers', 'commanded by'],
  ['targets', 'attacked'],
];

function renderActors(actors: Actors | undefined): string[] {
  if (actors === undefined) return [];
  const some = (list: string[]) =>
    list.slice(0, ACTORS_SHOWN).join(', ') +
    (list.length > ACTORS_SHOWN ? ` and ${list.length - ACTORS_SHOWN} more` : '');
  const said = ROLES.flatMap(([role, words]) => (actors[role].length === 0 ? [] : `${words} ${some(actors[role])}`));
  return said.length === 0 ? [] : [`  ${said.join('; ')}`];
}

/** Incidents by the same hand: which hosts, by what, and what happened on all of them in order of time. */
export function renderWholeCampaign(campaign: Campaign): string {
  const rows = campaign.timeline.slice(0, EVIDENCE_SHOWN).map((piece) => `${renderEvidence(piece)}  on ${piece.host}`);
  const left = campaign.timeline.length - rows.length;
  if (left > 0) rows.push(`  … and ${left} more`);
  return [renderCampaign(campaign), ...rows].join('\n');
}

/** A host with a loud step that is no incident. */
export const renderSuspect = ({ host, rank, phases, evidence }: Suspect): string =>
  [`Suspect: ${host}  rank ${rank}  ${phases.join(', ')}`, ...evidence.map(renderEvidence)].join('\n');

function renderEvidence(item: Evidence): string {
  const ends = `${end(item.src_ip, item.src_port)} -> ${end(item.dest_ip, item.dest_port)} ${item.proto ?? ''}`.trim();
  const times = item.count === undefined ? '' : ` (${item.count} times)`;
  return `  ${time(item.timeUs)}  ${item.phase.padEnd(9)}  ${item.summary}${times}  [${item.rule ?? item.detector}]  ${ends}`;
}

export function renderSummary(summary: ImportSummary, storeDir: string | undefined): string {
  const files = `${summary.files} file${summary.files === 1 ? '' : 's'}${summary.failed > 0 ? `, ${summary.failed} failed` : ''}`;
  return [
    `${files}: ${summary.stored} of ${summary.packets} packets stored and indexed, ${summary.flows} flows, ` +
      `${summary.alerts} alerts, ${summary.incidents} incidents, ${summary.suspects} suspect hosts in ${summary.seconds.toFixed(1)} s`,
    ...explainNoIncident(summary),
    `Engine: ${summary.engine}. Rules: ${summary.ruleset}.`,
    storeDir === undefined
      ? 'The packets were kept in a temporary folder, now gone; --store DIR keeps them.'
      : `Packets: mss packets --store ${storeDir}`,
  ].join('\n');
}

/** No incident is good news only where there could have been one. */
function explainNoIncident({ flows, incidents, homeNetShare, signs }: ImportSummary): string[] {
  if (incidents > 0 || flows === 0) return [];
  if (homeNetShare === 0) {
    return [
      'No conversation has an end in HOME_NET, and incidents are about hosts in there: name yours with --home-net.',
    ];
  }
  if (signs === 0) return [];
  return [`Signs of attack: ${signs}, but no host shows the two different steps that make an incident.`];
}

const end = (address = '?', port?: number): string =>
  port === undefined ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

const time = (timeUs: number): string => new Date(timeUs / 1000).toISOString().replace('T', ' ').slice(0, 19);
