// What the application is put together from; the service makes the real ones, a test may make its own.
import type { Hono } from 'hono';
import type { SensorEvent } from '../api/event.ts';
import type { LedgerAnswer } from '../api/ledger.ts';
import type { Origin, OutsideAnswer } from '../api/origin.ts';
import type { Peer } from '../api/peer.ts';
import type { SensorStatus } from '../api/sensor-status.ts';
import type { ArchiveReader } from '../archive/event-archive.ts';
import type { LiveHub } from './live/live-hub.ts';
import type { Authority, Who } from './login/authority.ts';
import type { Audit } from './packets/audit-log.ts';
import type { PacketDownloads } from './packets/download.ts';
import type { StaticFile } from './static-files.ts';

export type PortalEnv = { Bindings: { peer: Peer }; Variables: { who: Who; token: string | undefined } };
export type PortalApp = Hono<PortalEnv>;

export interface PortalParts {
  archive: ArchiveReader;
  authority: Authority;
  hub: LiveHub;
  downloads: PacketDownloads;
  audit: Audit;
  /** hands a person's verdict to ids. @throws MssError 'io' when it cannot be kept */
  judge(event: SensorEvent): void;
  /** where files out of the traffic lie */
  filesDir: string;
  files: ReadonlyMap<string, StaticFile>;
  counters: Record<string, number>;
  /** aborted when the service stops */
  signal: AbortSignal;
  hostNames(): readonly string[];
  readStatus(): SensorStatus;
  /** country and AS of an address, as this sensor knows them */
  findOrigin(address: string): Origin | undefined;
  /** what others say of it; undefined where nobody may be asked. @throws MssError 'network' when too many wait */
  whoIs(address: string): Promise<OutsideAnswer[] | undefined>;
  /** as readLedger of src/ledger, of this sensor */
  readLedger(range: { fromMs: number; toMs: number }, nowMs: number, mostRows: number): LedgerAnswer;
}
