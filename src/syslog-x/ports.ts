// Which ports the configuration wants open, and what tells systemd's socket units to leave the others closed.
import type { SensorConfig } from '../config/sensor-config.ts';

export interface SyslogPort {
  transport: 'udp' | 'tcp';
  port: number;
}

type Ports = Pick<SensorConfig['logs'], 'enabled' | 'keep514'>;

/** FileDescriptorName= of the port's socket unit, and its name in status and messages. */
export const portName = ({ transport, port }: SyslogPort): string => `${transport}-${port}`;

/** The ports to receive on: none without log management, no 514 where another program keeps it. */
export function planPorts(logs: Ports): SyslogPort[] {
  if (!logs.enabled) return [];
  const second: SyslogPort[] = [
    { transport: 'udp', port: 3004 },
    { transport: 'tcp', port: 3004 },
  ];
  return logs.keep514 ? second : [{ transport: 'udp', port: 514 }, ...second];
}

/** Flag files that the socket units look for (ConditionPathExists=!): name -> whether it has to be there. */
export function planFlags(logs: Ports): Record<'logs-off' | 'keep-514', boolean> {
  return { 'logs-off': !logs.enabled, 'keep-514': logs.enabled && logs.keep514 };
}
