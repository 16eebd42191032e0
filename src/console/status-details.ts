// What board and doctor read out of the services' `detail`, checked on the way: a missing or odd value is "not known".
import type { ServiceStatus } from '../api/status.ts';
import type { SensorSnapshot } from './sensor-snapshot.ts';

export interface ListenFacts {
  name: string;
  receivedPackets: number;
  droppedPackets: number;
  /** unicast packets to other machines: none means no mirror port, or promiscuous mode refused */
  foreignUnicastPackets?: number;
  /** whether conversations were seen in both directions */
  bothDirections?: boolean;
}

export interface LastAlert {
  timeMs: number;
  signature: string;
  src: string;
  dest: string;
}

export interface SensorDetails {
  listening: ListenFacts[];
  rules?: { count: number; updatedMs?: number };
  lastAlerts: LastAlert[];
  pages?: { url: string; fingerprint: string };
  /** share of inspected packets with an end in HOME_NET, 0..1 */
  homeNetShare?: number;
  /** ids of the keys that packets are encrypted for; none: they are not, or it is not known */
  encryptedFor: string[];
  /** wrong ones among the packets whose checksums capture looked at, 0..1 */
  invalidChecksumShare?: number;
  warnings: { service: string; timeMs: number; text: string }[];
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const numberIn = (fields: Fields | undefined, key: string): number | undefined => {
  const value = fields?.[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};
const textIn = (fields: Fields | undefined, key: string): string | undefined => {
  const value = fields?.[key];
  return typeof value === 'string' ? value : undefined;
};
const listIn = (fields: Fields | undefined, key: string): Fields[] => {
  const value = fields?.[key];
  return Array.isArray(value) ? value.filter(isFields) : [];
};
const textsIn = (fields: Fields | undefined, key: string): string[] => {
  const value = fields?.[key];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
};

export function readDetails(snapshot: SensorSnapshot): SensorDetails {
  const status = (name: string): ServiceStatus | undefined => {
    const last = snapshot.services.find((service) => service.name === name)?.status;
    return last?.state === 'stopped' ? undefined : last; // what it knew then is history
  };
  const capture = status('capture')?.detail;
  const ids = status('ids')?.detail;
  const rules = isFields(ids?.rules) ? ids.rules : undefined;
  const count = numberIn(rules, 'count');
  const portal = status('portal')?.detail;
  const url = textIn(portal, 'url');
  return {
    listening: listIn(capture, 'interfaces').map((fields) => ({
      name: textIn(fields, 'name') ?? '?',
      receivedPackets: numberIn(fields, 'receivedPackets') ?? 0,
      droppedPackets: numberIn(fields, 'droppedPackets') ?? 0,
      foreignUnicastPackets: numberIn(fields, 'foreignUnicastPackets'),
      bothDirections: typeof fields.bothDirections === 'boolean' ? fields.bothDirections : undefined,
    })),
    rules: count === undefined ? undefined : { count, updatedMs: numberIn(rules, 'updatedMs') },
    lastAlerts: listIn(ids, 'lastAlerts').map((fields) => ({
      timeMs: numberIn(fields, 'timeMs') ?? 0,
      signature: textIn(fields, 'signature') ?? '?',
      src: textIn(fields, 'src') ?? '?',
      dest: textIn(fields, 'dest') ?? '?',
    })),
    pages: url === undefined ? undefined : { url, fingerprint: textIn(portal, 'fingerprint') ?? '' },
    homeNetShare: numberIn(ids, 'homeNetShare'),
    encryptedFor: textsIn(capture, 'encryptedFor'),
    invalidChecksumShare: numberIn(capture, 'invalidChecksumShare'),
    warnings: snapshot.services
      .flatMap(({ name, status }) =>
        listIn(isFields(status) ? status : undefined, 'warnings').map((fields) => ({
          service: name,
          timeMs: numberIn(fields, 'timeMs') ?? 0,
          text: textIn(fields, 'text') ?? '?',
        })),
      )
      .sort((a, b) => b.timeMs - a.timeMs),
  };
}
