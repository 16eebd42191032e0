// What a SIEM is told: events as CEF in syslog messages (RFC 5424). Which of them, see plan-siem.ts.

import { renderRelated } from '../../api/campaign.ts';
import type { SensorEvent } from '../../api/event.ts';
import type { Incident } from '../../api/incident.ts';
import type { EveRecord } from '../../eve/record.ts';
import { type CefEvent, type CefExtension, labelled, renderCef } from './cef.ts';

export interface SiemSource {
  /** this machine's name */
  host: string;
  sensor: string;
  domain: string;
}

type Notice = Extract<SensorEvent, { type: 'notice' }>;

/** @returns one message without its framing, at most some kilobytes; undefined for an event that a SIEM is not told of */
export function renderSiem(event: SensorEvent, { host, sensor, domain }: SiemSource): string | undefined {
  const cef = cefOf(event);
  if (cef === undefined) return undefined;
  const extension = {
    rt: toMs(event.timeUs),
    dvchost: host,
    deviceExternalId: `${domain}/${sensor}`,
    ...cef.extension,
  };
  return renderSyslog({ timeUs: event.timeUs, host, severity: cef.severity }, renderCef({ ...cef, extension }));
}

function cefOf(event: SensorEvent): CefEvent | undefined {
  switch (event.type) {
    case 'alert':
      return ofAlert(event.eve);
    case 'incident':
      return ofIncident(event.incident);
    case 'notice':
      return ofNotice(event);
    default:
      return undefined;
  }
}

/** -100..100 to 0..10, as a rank is a severity with reasons. */
const severityOf = (rank: number): number => (rank + 100) / 20;
const toMs = (timeUs: number): number => Math.trunc(timeUs / 1000);

function ofAlert(eve: EveRecord): CefEvent | undefined {
  const { alert, mss, src_ip, src_port, dest_ip, dest_port, proto, app_proto, community_id } = eve;
  if (alert === undefined) return undefined;
  const rank = mss?.rank ?? 0;
  return {
    classId: `${alert.gid}:${alert.signature_id}`,
    name: alert.signature,
    severity: severityOf(rank),
    extension: {
      cat: alert.category,
      act: alert.action,
      ...ends(src_ip, dest_ip),
      spt: src_port,
      dpt: dest_port,
      proto,
      app: app_proto,
      externalId: community_id,
      ...labelled('cn1', 'Rank', rank),
      ...labelled('cs1', 'Rule', `${alert.gid}:${alert.signature_id}:${alert.rev}`),
      ...labelled('cs2', 'Class', mss?.class),
      ...labelled('cs3', 'Action of the class', mss?.action),
      ...labelled('cs4', 'Reasons', mss?.reasons.join('; ')),
      ...ofLog(eve),
    },
  };
}

/** The log event behind an alert, where it is one of a log rule. */
function ofLog({ log }: EveRecord): CefExtension {
  if (typeof log !== 'object' || log === null) return {};
  const { user, host, message } = log as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { suser: text(user), shost: text(host), msg: text(message) };
}

function ofIncident(incident: Incident): CefEvent {
  const { id, host, rank, score, phases, actors, firstUs, lastUs, state, evidence, evidenceDropped } = incident;
  const last = evidence.at(-1);
  const far = actors && [...actors.controllers, ...actors.eggSources, ...actors.attackers, ...actors.targets][0];
  return {
    classId: 'incident',
    name: `Incident: ${phases.join(', ')}`,
    severity: severityOf(rank),
    extension: {
      cat: 'incident',
      act: state,
      externalId: id,
      start: toMs(firstUs),
      end: toMs(lastUs),
      cnt: evidence.length + evidenceDropped,
      ...ends(host, far),
      ...labelled('cn1', 'Rank', rank),
      ...labelled('cfp1', 'Score', score),
      ...labelled('cs1', 'Phases', phases.join(',')),
      ...labelled('cs2', 'Attackers', actors?.attackers.join(',')),
      ...labelled('cs3', 'Egg sources', actors?.eggSources.join(',')),
      ...labelled('cs4', 'Controllers', actors?.controllers.join(',')),
      ...labelled('cs5', 'Targets', actors?.targets.join(',')),
      ...labelled('cs6', 'Together with', renderRelated(incident.related)),
      msg: last?.summary,
    },
  };
}

const NOTICE_SEVERITY = { info: 2, warning: 5, error: 8 } as const;

const ofNotice = ({ service, level, text }: Notice): CefEvent => ({
  classId: 'notice',
  name: `${service}: ${level}`,
  severity: NOTICE_SEVERITY[level],
  extension: { cat: 'health', deviceFacility: service, msg: text },
});

/** `src` and `dst` hold IPv4 only; IPv6 has fields of its own. */
const ends = (src: string | undefined, dst: string | undefined): CefExtension => ({
  ...(src?.includes(':') ? labelled('c6a2', 'Source IPv6 Address', src) : { src }),
  ...(dst?.includes(':') ? labelled('c6a3', 'Destination IPv6 Address', dst) : { dst }),
});

/** RFC 5424, 6.2.1: facility "log alert" (14). */
const FACILITY = 14;

/** RFC 5424, 6. MSG is UTF-8 without a mark of it: readers of CEF look for "CEF:" at its head. */
function renderSyslog({ timeUs, host, severity }: { timeUs: number; host: string; severity: number }, text: string) {
  const level = severity >= 9 ? 2 : severity >= 7 ? 3 : severity >= 4 ? 4 : 6;
  const time = new Date(timeUs / 1000).toISOString();
  const name = host.replaceAll(/[^\x21-\x7e]/g, '').slice(0, 255) || '-';
  return `<${FACILITY * 8 + level}>1 ${time} ${name} mss-ids - - - ${text}`;
}
