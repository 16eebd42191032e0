// Much more sent than received, to one outside server that no other host of ours uses: data that leaves (MITRE ATT&CK
// T1041, T1048). Counted over an hour of record time, since it may go in many connections. Backups to the cloud look the
// same: known servers belong on the allow-list.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { BoundedMap } from './bounded-map.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { Popularity } from './popularity.ts';

export const MUCH_BYTES = 100 * 1_000_000;
export const VERY_MUCH_BYTES = 1_000_000_000;
/** sent over received */
export const ONE_SIDED = 5;
export const VOLUME_WINDOW_US = 3600 * 1_000_000;
const MOST_USERS = 1;
const MAX_KEYS = 50_000;

interface Volume {
  sinceUs: number;
  sent: number;
  received: number;
  /** the larger of the two marks that was told of */
  told: number;
}

export class ExfiltrationDetector implements Detector {
  readonly name = 'exfiltration';
  readonly kinds = ['flow'];
  readonly #isHome: IsHome;
  readonly #volumes = new BoundedMap<Volume>(MAX_KEYS);
  readonly #users = new Popularity();

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#volumes.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: client, dest_ip: server, flow } = record;
    if (client === undefined || server === undefined || flow === undefined || flow.bytes_toclient === 0) return [];
    if (!this.#isHome(client) || this.#isHome(server)) return [];
    const users = this.#users.note(server, client);
    const volume = this.#volumes.take(`${client} ${server}`, () => ({
      sinceUs: timeUs,
      sent: 0,
      received: 0,
      told: 0,
    }));
    if (timeUs - volume.sinceUs > VOLUME_WINDOW_US)
      Object.assign(volume, { sinceUs: timeUs, sent: 0, received: 0, told: 0 });
    volume.sent += flow.bytes_toserver;
    volume.received += flow.bytes_toclient;
    const mark = volume.sent >= VERY_MUCH_BYTES ? VERY_MUCH_BYTES : volume.sent >= MUCH_BYTES ? MUCH_BYTES : 0;
    if (mark <= volume.told || users > MOST_USERS || volume.sent < volume.received * ONE_SIDED) return [];
    volume.told = mark;
    const summary = `${Math.round(volume.sent / 1e6)} MB sent to ${server} within an hour, ${Math.round(volume.received / 1e6)} MB received`;
    const confidence = mark === VERY_MUCH_BYTES ? 0.6 : 0.4;
    return [{ timeUs, phase: 'c2', detector: this.name, summary, host: client, confidence, ...endsOf(record) }];
  }
}
