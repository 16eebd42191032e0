// Which events go to an outside SIEM, and where it is. Pure.
import type { SensorEvent } from '../../api/event.ts';
import { parseHostPort } from '../../config/host-port.ts';
import type { MailTopic } from '../../config/outlets.ts';
import type { SensorConfig } from '../../config/sensor-config.ts';
import type { SyslogTarget } from '../../os/syslog/sender.ts';

type SiemConfig = SensorConfig['siem'];

/** The server; undefined: there is none. */
export function planSiem({ to, transport, ca }: SiemConfig): SyslogTarget | undefined {
  return to === '' ? undefined : { ...parseHostPort(to), transport, caFile: transport === 'tls' ? ca : '' };
}

/** Whether the SIEM is told of this; a person's class that ignores an alert goes before its rank. */
export function isForSiem(event: SensorEvent, { about, alertRank }: SiemConfig): boolean {
  const has = (topic: MailTopic) => about.includes(topic);
  switch (event.type) {
    case 'alert': {
      const { mss } = event.eve;
      return has('alerts') && mss?.action !== 'ignore' && mss?.action !== 'delete' && (mss?.rank ?? 0) >= alertRank;
    }
    case 'incident':
      return has('incidents');
    case 'notice':
      return has('health');
    default:
      return false;
  }
}
