// One letter out to where the configuration says.
import { hostname } from 'node:os';
import type { SensorConfig } from '../../config/sensor-config.ts';
import { readInterfaces } from '../../os/interfaces.ts';
import { sendMail } from '../../os/smtp.ts';
import { postJson } from '../../os/webhook.ts';
import type { Letter } from '../../respond/mail/digest.ts';
import { renderLetter, type Sender } from '../../respond/mail/render-letter.ts';
import type { Way } from './outbox.ts';
import { planServer } from './plan-server.ts';

/**
 * Sends `letter` by one way.
 * @returns what the other side answered; undefined when this way is turned off
 * @throws MssError 'network'
 */
export function bringLetter(way: Way, letter: Letter, config: SensorConfig): Promise<string | undefined> {
  return way === 'mail' ? bringMail(letter, config) : callWebhook(letter, config);
}

async function bringMail(letter: Letter, config: SensorConfig): Promise<string | undefined> {
  const { mail } = config;
  if (mail.to === '') return undefined;
  const { subject, text, html } = renderLetter(letter, senderOf(config));
  return sendMail(planServer(mail), {
    from: mail.from === '' ? `mss@${hostname()}` : mail.from,
    to: mail.to,
    subject,
    text,
    html: mail.format === 'html' ? html : undefined,
  });
}

async function callWebhook(letter: Letter, { mail, sensor, release }: SensorConfig): Promise<string | undefined> {
  if (mail.webhook === '') return undefined;
  return postJson(mail.webhook, { sensor: sensor.name, domain: sensor.domain, ...letter }, release.proxy);
}

/** Who it is from, and where its links lead: the first address of this machine, unless a person named a better one. */
function senderOf({ sensor, pages, mail }: SensorConfig): Sender {
  if (mail.pageUrl !== '') return { sensor: sensor.name, pageUrl: mail.pageUrl.replace(/\/$/, '') };
  const address = readInterfaces()
    .flatMap(({ addresses }) => addresses)[0]
    ?.split('/')[0];
  if (!pages.serverMode || address === undefined) return { sensor: sensor.name };
  return { sensor: sensor.name, pageUrl: `https://${address.includes(':') ? `[${address}]` : address}:3001` };
}
