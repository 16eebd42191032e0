// A letter as the subject, text and HTML of a mail. Whatever came from the network is escaped or on a line of its own.
import { html, raw } from 'hono/html';
import { escapeControl } from '../../log.ts';
import { renderTime } from '../occasion.ts';
import type { Letter, Told } from './digest.ts';

export interface Sender {
  /** the sensor's name */
  sensor: string;
  /** like https://192.0.2.7:3001; undefined when this sensor serves no pages */
  pageUrl?: string;
}

export interface Message {
  subject: string;
  text: string;
  html: string;
}

// RFC 5322, 2.1.1: a line should not pass 78 characters; encoders fold, but mail programs cut subjects
const SUBJECT_LENGTH = 120;

export function renderLetter(letter: Letter, sender: Sender): Message {
  const { occasions, left } = letter;
  const others = occasions.length - 1 + left;
  const title = `[${sender.sensor}] ${occasions[0].title}`;
  const subject = `${clip(escapeControl(title), SUBJECT_LENGTH)}${others > 0 ? ` and ${others} more` : ''}`;
  return { subject, text: renderText(letter, sender), html: String(renderHtml(letter, sender)) };
}

const clip = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
const again = ({ times }: Told): string => (times > 1 ? ` (${times} times)` : '');
const leftLine = ({ left }: Letter): string => `${left} more did not fit here; the sensor's page has them all.`;

/** The page, asked for what concerns one address. */
const linkTo = (pageUrl: string, address: string): string => `${pageUrl}/?q=${encodeURIComponent(`host ${address}`)}`;

function renderText(letter: Letter, { sensor, pageUrl }: Sender): string {
  const lines = [`Sensor ${sensor}`];
  for (const told of letter.occasions) {
    lines.push('', `${escapeControl(told.title)}${again(told)}`);
    if (told.facts.length === 0) lines.push(`  ${'Time:'.padEnd(14)}${renderTime(told.timeUs)}`);
    for (const [label, text] of told.facts) {
      lines.push(`  ${(label === '' ? '' : `${label}: `).padEnd(14)}${escapeControl(text)}`);
    }
    if (pageUrl !== undefined) for (const address of told.addresses) lines.push(`  ${linkTo(pageUrl, address)}`);
  }
  if (letter.left > 0) lines.push('', leftLine(letter));
  return `${lines.join('\n')}\n`;
}

const ACCENT = { incidents: '#b3261e', alerts: '#b26a00', health: '#33658a' } as const;

// mail programs take inline styles and tables, and little else; those that know dark views take them from here
const DARK = `@media (prefers-color-scheme: dark) {
body, .page { background: #1c1c1e !important; color: #f2f2f7 !important; }
.label { color: #a1a1a6 !important; } a { color: #7ab8ff !important; } }`;
// an address of IPv6 or a path is wider than a telephone
const WRAP = 'overflow-wrap:anywhere;word-break:break-word';

function renderHtml(letter: Letter, { sensor, pageUrl }: Sender) {
  const cell = `padding:2px 12px 2px 0;vertical-align:top;${WRAP}`;
  const label = 'class="label" style="padding:2px 12px 2px 0;vertical-align:top;color:#666"';
  const link = (address: string, url: string) =>
    html`<a style="margin-right:10px;color:#0b57d0;${WRAP}" href="${linkTo(url, address)}">${address}</a> `;
  const occasion = (told: Told) => html`
<h2 style="font-size:16px;line-height:1.3;margin:22px 0 6px;border-left:4px solid ${ACCENT[letter.topic]};padding-left:8px;${WRAP}">
${escapeControl(told.title)}${again(told)}</h2>
<table role="presentation" style="font-size:14px;line-height:1.4;border-collapse:collapse">
${(told.facts.length === 0 ? [['Time', renderTime(told.timeUs)]] : told.facts).map(
  ([name, text]) => html`<tr><td ${raw(label)}>${name}</td><td style="${cell}">${escapeControl(text)}</td></tr>`,
)}</table>
${pageUrl === undefined || told.addresses.length === 0 ? '' : html`<p style="font-size:13px;line-height:1.6;margin:6px 0 0"><span class="label" style="color:#666">On the sensor's page: </span>${told.addresses.map((address) => link(address, pageUrl))}</p>`}`;
  return html`${raw('<!doctype html>')}
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<style>${raw(DARK)}</style></head>
<body style="margin:0;background:#fff"><div class="page" style="font-family:system-ui,sans-serif;color:#1c1c1e;background:#fff;max-width:760px;padding:16px">
<p class="label" style="font-size:13px;color:#666;margin:0">Sensor ${sensor}</p>
${letter.occasions.map(occasion)}
${letter.left > 0 ? html`<p style="font-size:14px">${leftLine(letter)}</p>` : ''}
</div></body></html>`;
}
