// All detectors, and each record to those that read its kind; log events to those of logs.
import { AdminShareDetector } from '../detect/admin-share.ts';
import { AlertDetector } from '../detect/alert.ts';
import { BeaconDetector } from '../detect/beacon.ts';
import { BruteForceDetector } from '../detect/brute-force.ts';
import type { Detector, IsHome } from '../detect/detector.ts';
import { DgaDetector } from '../detect/dga.ts';
import { DnsTunnelDetector } from '../detect/dns-tunnel.ts';
import { ExecutableDownloadDetector } from '../detect/executable-download.ts';
import { ExfiltrationDetector } from '../detect/exfiltration.ts';
import { FastFluxDetector } from '../detect/fast-flux.ts';
import { KerberosDetector } from '../detect/kerberos.ts';
import { LateralDetector } from '../detect/lateral.ts';
import { LogBreakInDetector } from '../detect/log-break-in.ts';
import { LogBruteForceDetector } from '../detect/log-brute-force.ts';
import { LogDeniedScanDetector } from '../detect/log-denied-scan.ts';
import type { LogDetector, TiedLog } from '../detect/log-detector.ts';
import { LongConnectionDetector } from '../detect/long-connection.ts';
import { MailBurstDetector } from '../detect/mail-burst.ts';
import { MiningDetector } from '../detect/mining.ts';
import { OddProtocolDetector } from '../detect/odd-protocol.ts';
import { OddTlsDetector } from '../detect/odd-tls.ts';
import { PingSweepDetector } from '../detect/ping-sweep.ts';
import { RdpChainDetector } from '../detect/rdp-chain.ts';
import { ReconDetector } from '../detect/recon.ts';
import { RemoteShellDetector } from '../detect/remote-shell.ts';
import { ScanDetector } from '../detect/scan.ts';
import { SlowScanDetector } from '../detect/slow-scan.ts';
import { WebShellDetector } from '../detect/web-shell.ts';
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';

const DETECTORS: readonly (new (isHome: IsHome) => Detector)[] = [
  AdminShareDetector,
  AlertDetector,
  BeaconDetector,
  BruteForceDetector,
  DgaDetector,
  DnsTunnelDetector,
  ExecutableDownloadDetector,
  ExfiltrationDetector,
  FastFluxDetector,
  KerberosDetector,
  LateralDetector,
  LongConnectionDetector,
  MailBurstDetector,
  MiningDetector,
  OddProtocolDetector,
  OddTlsDetector,
  PingSweepDetector,
  RdpChainDetector,
  ReconDetector,
  RemoteShellDetector,
  ScanDetector,
  SlowScanDetector,
  WebShellDetector,
];

const LOG_DETECTORS: readonly (new (isHome: IsHome) => LogDetector)[] = [
  LogBreakInDetector,
  LogBruteForceDetector,
  LogDeniedScanDetector,
];

const NONE: readonly DialogEvent[] = [];

export class Detectors {
  readonly #all: readonly Detector[];
  readonly #ofLogs: readonly LogDetector[];
  readonly #byKind = new Map<string, Detector[]>();

  constructor(isHome: IsHome) {
    this.#all = DETECTORS.map((Each) => new Each(isHome));
    this.#ofLogs = LOG_DETECTORS.map((Each) => new Each(isHome));
    for (const detector of this.#all) {
      for (const kind of detector.kinds) this.#byKind.set(kind, [...(this.#byKind.get(kind) ?? []), detector]);
    }
  }

  get evictedKeys(): number {
    return [...this.#all, ...this.#ofLogs].reduce((sum, { evictedKeys = 0 }) => sum + evictedKeys, 0);
  }

  /** @param timeUs when what the record tells of began */
  observe(record: EveRecord, timeUs: number): readonly DialogEvent[] {
    const detectors = this.#byKind.get(record.event_type);
    if (detectors === undefined) return NONE;
    let events = NONE;
    for (const detector of detectors) {
      const seen = detector.observe(record, timeUs);
      if (seen.length > 0) events = events.length === 0 ? seen : [...events, ...seen];
    }
    return events;
  }

  observeLog(tied: TiedLog): DialogEvent[] {
    return this.#ofLogs.flatMap((detector) => detector.observe(tied));
  }

  /** Shows the detectors of logs what another one saw. */
  learn(event: DialogEvent): DialogEvent[] {
    return this.#ofLogs.flatMap((detector) => detector.learn?.(event) ?? []);
  }
}
