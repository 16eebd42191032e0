// Where received messages are forwarded to. Pure.
import { parseHostPort } from '../config/host-port.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import type { SyslogTarget } from '../os/syslog/sender.ts';

/** Where the configuration wants messages forwarded; undefined: nowhere. */
export function planForward({
  enabled,
  forwardTo,
  forwardTls,
  forwardCa,
}: SensorConfig['logs']): SyslogTarget | undefined {
  if (!enabled || forwardTo === '') return undefined;
  return { ...parseHostPort(forwardTo), transport: forwardTls ? 'tls' : 'tcp', caFile: forwardTls ? forwardCa : '' };
}
