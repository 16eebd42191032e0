// What ids' spool stream is made of: EVE records (statistics are no event), and log events at their conversation.
import type { SensorEvent } from '../api/event.ts';
import type { TiedLog } from '../detect/log-detector.ts';
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

const TIE = 'log';
const MAX_MESSAGE_CHARS = 1000;

/**
 * A log event on the wire's timeline: as a record of its conversation, found by the same words as the conversation's
 * others. `log.record` is its number in syslog-x's stream, where it stands whole.
 * @returns undefined for one without a conversation
 */
export function toTieEvent({ log, record, host, conversation }: TiedLog): SensorEvent | undefined {
  if (conversation === undefined) return undefined;
  const { timeUs, app, decoder, fields, message } = log;
  const eve: EveRecord = {
    timestamp: new Date(timeUs / 1000).toISOString(),
    event_type: TIE,
    ...conversation,
    log: { record, host, app, decoder, ...fields, message: message.slice(0, MAX_MESSAGE_CHARS) },
  };
  return { type: 'protocol', timeUs, eve };
}

/** Number of the log record that a spool event ties to a conversation; undefined for any other event. */
export function tiedRecordOf(event: SensorEvent): number | undefined {
  if (event.type !== 'protocol' || event.eve.event_type !== TIE) return undefined;
  return (event.eve.log as { record?: number } | undefined)?.record;
}

/** Whether a spool event was made of an EVE record. */
export const isEveEvent = (event: SensorEvent): event is Extract<SensorEvent, { eve: EveRecord }> =>
  event.type === 'alert' || event.type === 'flow' || (event.type === 'protocol' && tiedRecordOf(event) === undefined);
