// What every detector is: records in, dialog events out, its own bounded memory in between.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';

/** Whether an address is one of ours (inside HOME_NET); false for what is no address. */
export type IsHome = (address: string) => boolean;

export interface Detector {
  readonly name: string;
  /** kinds of EVE records (event_type) that it reads; it is shown no other */
  readonly kinds: readonly string[];
  /** what it gave up to stay within its bounds, where it remembers anything */
  readonly evictedKeys?: number;
  /**
   * Looks at one record.
   * @param timeUs when what it tells of began
   */
  observe(record: EveRecord, timeUs: number): DialogEvent[];
}

/** The ends of a record's conversation, for a dialog event about it. */
export const endsOf = (record: EveRecord) => ({
  src_ip: record.src_ip,
  src_port: record.src_port,
  dest_ip: record.dest_ip,
  dest_port: record.dest_port,
  proto: record.proto,
  community_id: record.community_id,
});
