// An occasion: something a person is told about outside the pages, by mail or webhook. Says what; not how, nor when.

import { renderRelated } from '../api/campaign.ts';
import type { SensorEvent } from '../api/event.ts';
import type { Incident } from '../api/incident.ts';
import { type Origin, renderOrigin } from '../api/origin.ts';
import type { MailTopic } from '../config/outlets.ts';
import type { EveRecord } from '../eve/record.ts';

export interface Occasion {
  topic: MailTopic;
  /** what the same thing, seen again, has in common */
  key: string;
  timeUs: number;
  title: string;
  /** label and text, in the order of reading */
  facts: [label: string, text: string][];
  /** addresses worth a link */
  addresses: string[];
}

/** Suricata's own scale: 1 is the most severe. */
const SEVERE = 1;
const SHOWN_EVIDENCE = 8;

type FindOrigin = (address: string) => Origin | undefined;

/**
 * What `event` gives to tell; undefined when nobody needs to be woken for it.
 * @param findOrigin country and AS of an address
 */
export function occasionOf(event: SensorEvent, findOrigin: FindOrigin = () => undefined): Occasion | undefined {
  switch (event.type) {
    case 'incident':
      return event.incident.state === 'open' ? ofIncident(event.incident, findOrigin) : undefined;
    case 'alert':
      return wakes(event.eve) ? ofAlert(event.timeUs, event.eve, findOrigin) : undefined;
    case 'notice':
      return event.level === 'info' ? undefined : ofHealth(event.timeUs, event.service, event.text);
    default:
      return undefined;
  }
}

/** A person's class goes before the rule's own severity. */
function wakes({ alert, mss }: EveRecord): boolean {
  if (mss?.action === 'ignore' || mss?.action === 'delete') return false;
  return mss?.action === 'mail' || alert?.severity === SEVERE;
}

/** Trouble of the sensor itself. */
export const ofHealth = (timeUs: number, part: string, text: string): Occasion => ({
  topic: 'health',
  key: `${part} ${text.replaceAll(/\d+/g, '#')}`, // the same trouble with other figures is no news
  timeUs,
  title: `${part}: ${text}`,
  facts: [],
  addresses: [],
});

function ofIncident(incident: Incident, findOrigin: FindOrigin): Occasion {
  const { id, host, score, rank, phases, firstUs, lastUs, evidence } = incident;
  const shown = evidence.slice(0, SHOWN_EVIDENCE);
  const more = evidence.length + incident.evidenceDropped - shown.length;
  const addresses = new Set([host]);
  for (const { src_ip, dest_ip } of shown) {
    for (const address of [src_ip, dest_ip]) if (address !== undefined) addresses.add(address);
  }
  return {
    topic: 'incidents',
    key: id,
    timeUs: lastUs,
    title: `Incident on ${host}: ${phases.join(', ')} (rank ${rank})`,
    facts: [
      ['Host', host],
      ['Phases', phases.join(', ')],
      ['Score', `${score.toFixed(2)}, rank ${rank} of 100`],
      ['First seen', renderTime(firstUs)],
      ['Last seen', renderTime(lastUs)],
      ...(incident.related === undefined
        ? []
        : [['Together with', renderRelated(incident.related)] as [string, string]]),
      ...shown.map(({ timeUs, phase, summary, src_ip, dest_ip }): [string, string] => [
        phase,
        `${renderTime(timeUs)} ${src_ip ?? '?'} -> ${dest_ip ?? '?'}: ${summary}`,
      ]),
      ...(more > 0 ? [['', `and ${more} more pieces of evidence`] as [string, string]] : []),
      ...[...addresses].flatMap((address): [string, string][] => {
        const origin = findOrigin(address);
        return origin === undefined ? [] : [[address, renderOrigin(origin)]];
      }),
    ],
    addresses: [...addresses],
  };
}

function ofAlert(timeUs: number, eve: EveRecord, findOrigin: FindOrigin): Occasion | undefined {
  const { alert, src_ip = '?', dest_ip = '?', src_port, dest_port, proto = '?' } = eve;
  if (alert === undefined) return undefined;
  const at = (address: string, port?: number) =>
    port === undefined ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const from = (address: string) => {
    const origin = findOrigin(address);
    return origin === undefined ? '' : ` (${renderOrigin(origin)})`;
  };
  const rule = `${alert.gid}:${alert.signature_id}:${alert.rev}`;
  return {
    topic: 'alerts',
    key: `${alert.gid}:${alert.signature_id} ${src_ip} ${dest_ip}`,
    timeUs,
    title: `Alert: ${alert.signature} (${src_ip} -> ${dest_ip})`,
    facts: [
      ['Rule', `${alert.signature} [${rule}]`],
      ...(eve.mss?.class === undefined ? [] : [['Class', eve.mss.class] as [string, string]]),
      ['Category', alert.category],
      ['Time', renderTime(timeUs)],
      ['From', `${at(src_ip, src_port)}${from(src_ip)}`],
      ['To', `${at(dest_ip, dest_port)} ${proto}${from(dest_ip)}`],
      ...(eve.community_id === undefined ? [] : [['Community id', eve.community_id] as [string, string]]),
    ],
    addresses: [src_ip, dest_ip].filter((address) => address !== '?'),
  };
}

/** RFC 3339, to the second. */
export const renderTime = (timeUs: number): string =>
  `${new Date(timeUs / 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
