// One mail to one SMTP server (RFC 5321), by nodemailer. No queue: who calls it keeps what could not be sent.
import { createTransport } from 'nodemailer';
import { MssError, messageOf } from '../errors.ts';

export interface SmtpServer {
  host: string;
  port: number;
  /** login; a server that wants one must speak TLS (STARTTLS, or from the start on port 465) */
  user: string;
  password: string;
}

export interface Mail {
  from: string;
  to: string;
  subject: string;
  text: string;
  html?: string;
}

const TIMEOUT_MS = 30_000;

/**
 * Hands `mail` to the server.
 * @returns what the server answered
 * @throws MssError 'network' naming the server and its answer
 */
export async function sendMail(server: SmtpServer, mail: Mail): Promise<string> {
  const isLocal = ['127.0.0.1', '::1', 'localhost'].includes(server.host);
  const transport = createTransport({
    host: server.host,
    port: server.port,
    secure: server.port === 465,
    // a login never travels in clear; this machine's own server has no certificate anybody could check
    requireTLS: server.user !== '' && !isLocal,
    ignoreTLS: isLocal && server.user === '',
    tls: { rejectUnauthorized: !isLocal },
    auth: server.user === '' ? undefined : { user: server.user, pass: server.password },
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
  try {
    const { response } = await transport.sendMail(mail);
    return response;
  } catch (cause) {
    throw new MssError('network', `no mail to ${mail.to} through ${server.host}:${server.port}: ${messageOf(cause)}`, {
      cause,
    });
  } finally {
    transport.close();
  }
}
