// EVE records for the detectors' tests, with only what a test says and sensible rest.
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
