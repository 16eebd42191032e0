// Which SMTP server takes the mails. Pure.
import type { SensorConfig } from '../../config/sensor-config.ts';

/** Port of the machine's own postfix, and of a server that is named without one (RFC 5321, 4.5.4.2). */
const SMTP_PORT = 25;

/** `mail.server` is HOST, HOST:PORT or [IPv6]:PORT; empty means the postfix of this machine. */
export function planServer({ server, user, password }: SensorConfig['mail']) {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(server) ?? [];
  return {
    host: bracketed ?? (plain || '127.0.0.1'),
    port: port === undefined ? SMTP_PORT : Number(port),
    user,
    password,
  };
}
