// EVE records for the detectors' tests, with only what a test says and sensible rest.
import { Analysis } from '../../src/analysis/analysis.ts';
import type { EveRecord } from '../../src/eve/record.ts';

export const SECOND_US = 1_000_000;

export const isHome = (address: string): boolean => address.startsWith('10.');

export function flowRecord(src: string, dest: string, destPort: number, more: Partial<EveRecord> = {}): EveRecord {
  const { flow, ...rest } = more;
  return {
    timestamp: '2026-11-24T12:00:00.000000+0000',
    event_type: 'flow',
    src_ip: src,
    src_port: 40_000,
    dest_ip: dest,
    dest_port: destPort,
    proto: 'TCP',
    flow: {
      pkts_toserver: 1,
      pkts_toclient: 0,
      bytes_toserver: 60,
      bytes_toclient: 0,
      start: '2026-11-24T12:00:00.000000+0000',
      state: 'new',
      ...flow,
    },
    ...rest,
  };
}

export const answered = {
  pkts_toserver: 8,
  pkts_toclient: 7,
  bytes_toserver: 2000,
  bytes_toclient: 3000,
  state: 'closed',
  start: '',
};

/** `seconds` after noon of the day of all these records, as EVE writes it. */
export const at = (seconds: number): string =>
  `${new Date(Date.UTC(2026, 10, 24, 12) + Math.round(seconds * 1000)).toISOString().slice(0, -1)}000+0000`;

/** A record of one protocol, `seconds` after noon. */
export const recordOf = (type: string, part: object, seconds: number, more: Partial<EveRecord> = {}): EveRecord => ({
  timestamp: at(seconds),
  event_type: type,
  src_ip: '10.0.0.5',
  src_port: 40_000,
  dest_ip: '198.51.100.9',
  dest_port: 443,
  proto: 'TCP',
  [type]: part,
  ...more,
});

/** An answered flow of 10.0.0.5, `seconds` after noon. */
export const flowAt = (
  seconds: number,
  dest: string,
  destPort: number,
  flow: object = {},
  more: Partial<EveRecord> = {},
): EveRecord => flowRecord('10.0.0.5', dest, destPort, { ...more, flow: { ...answered, start: at(seconds), ...flow } });

/** What one detector sees when all look at these records: "host phase confidence" each. */
export function seen(detector: string, records: readonly EveRecord[]): string[] {
  const analysis = new Analysis(['10.0.0.0/8']);
  return records
    .flatMap((record) => analysis.push(record).events)
    .filter((event) => event.detector === detector)
    .map(({ host, phase, confidence }) => `${host} ${phase} ${confidence}`);
}

/** `make` for 0, 1, 2, … */
export const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
