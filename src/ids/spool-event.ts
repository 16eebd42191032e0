// An EVE record as an event of ids' spool stream; statistics are no event.
import type { SensorEvent } from '../api/event.ts';
import { eventTimeUs } from '../eve/parse.ts';
import type { EveRecord } from '../eve/record.ts';

export function toSpoolEvent(eve: EveRecord): SensorEvent | undefined {
  switch (eve.event_type) {
    case 'stats':
      return undefined;
    case 'alert':
    case 'flow':
      return { type: eve.event_type, timeUs: eventTimeUs(eve), eve };
    default:
      return { type: 'protocol', timeUs: eventTimeUs(eve), eve };
  }
}

/** Whether a spool event was made of an EVE record. */
export const isEveEvent = (event: SensorEvent): boolean =>
  event.type === 'alert' || event.type === 'flow' || event.type === 'protocol';
