// The engine's status file. It cannot write one itself, so ids does out of what the engine says every 8 seconds;
// an engine that says nothing leaves an old file, and systemd knows the rest.
import type { ServiceStatus } from '../api/status.ts';
import { writeFileAtomic } from '../os/atomic-file.ts';
import type { Paths } from '../paths.ts';
import type { EngineStats } from './engine-stats.ts';

/** @param nowMs when the statistics came */
export function renderEngineStatus(stats: EngineStats, version: string, nowMs: number): ServiceStatus {
  const { kernelPackets, kernelDrops, decodedPackets, decodedBytes, alerts, memuseBytes, memcapDrops, uptimeSeconds } =
    stats;
  const share = kernelPackets === 0 ? 0 : (100 * kernelDrops) / kernelPackets;
  return {
    service: 'suricata',
    state: 'running',
    message: `Suricata ${version}: ${kernelPackets} packets, ${kernelDrops} lost (${share.toFixed(2)} %)`,
    pid: 0,
    startedMs: nowMs - uptimeSeconds * 1000,
    updatedMs: nowMs,
    counters: {
      receivedPackets: kernelPackets,
      droppedPackets: kernelDrops,
      inspectedPackets: decodedPackets,
      inspectedBytes: decodedBytes,
      alerts,
      memcapDroppedSegments: memcapDrops,
    },
    detail: { engineVersion: version, tableBytes: memuseBytes },
    warnings: [],
  };
}

/** @throws MssError 'io' */
export const writeEngineStatus = (at: Paths, status: ServiceStatus): void =>
  writeFileAtomic(at.statusFile('suricata'), JSON.stringify(status), { mode: 0o644, durable: false });
