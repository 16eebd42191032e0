// The engine's own counters, out of EVE's stats records. They count since the engine's start.
import type { EveRecord } from '../eve/record.ts';

export interface EngineStats {
  uptimeSeconds: number;
  kernelPackets: number;
  kernelDrops: number;
  decodedPackets: number;
  decodedBytes: number;
  /** that no decoder could make sense of */
  invalidPackets: number;
  alerts: number;
  /** bytes that flow and stream tables hold */
  memuseBytes: number;
  /** stream data given up for want of memory, segments */
  memcapDrops: number;
  /** alerts beyond those that one packet may have */
  overflowedAlerts: number;
  /** holes in TCP streams: data that was acknowledged and never seen */
  streamGaps: number;
}

/** Reads a `stats` record; counters that are missing are 0. */
export function readEngineStats(record: EveRecord): EngineStats | undefined {
  if (record.event_type !== 'stats') return undefined;
  const counter = (...path: string[]): number => {
    let at: unknown = record.stats;
    for (const key of path)
      at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined;
    return typeof at === 'number' ? at : 0;
  };
  return {
    uptimeSeconds: counter('uptime'),
    kernelPackets: counter('capture', 'kernel_packets'),
    kernelDrops: counter('capture', 'kernel_drops'),
    decodedPackets: counter('decoder', 'pkts'),
    decodedBytes: counter('decoder', 'bytes'),
    invalidPackets: counter('decoder', 'invalid'),
    alerts: counter('detect', 'alert'),
    memuseBytes: counter('flow', 'memuse') + counter('tcp', 'memuse') + counter('tcp', 'reassembly_memuse'),
    memcapDrops: counter('tcp', 'segment_memcap_drop') + counter('tcp', 'ssn_memcap_drop') + counter('flow', 'memcap'),
    overflowedAlerts: counter('detect', 'alert_queue_overflow'),
    streamGaps: counter('tcp', 'reassembly_gap'),
  };
}
