// The status board as one screen of plain text, for any terminal from 40x12 up. Pure; drawing it is the service's.
import { cut } from '../format.ts';
import {
  alertLines,
  type BoardModel,
  identityLine,
  interfaceLines,
  pageLines,
  serviceLines,
  serviceSummary,
  stockLines,
  titleLine,
  warningLines,
} from './sections.ts';

export interface BoardOptions {
  columns: number;
  rows: number;
  /** what the keys do, on the last line; none inside the menu */
  footer?: string;
}

/** Lines that fill at most `rows`, each at most `columns` wide. What may grow (alerts, warnings) takes what is left. */
export function renderBoard(model: BoardModel, { columns, rows, footer }: BoardOptions): string[] {
  const width = Math.max(20, columns - 1); // a full last column makes some terminals wrap
  const around = (services: string[]) => [
    titleLine(model),
    '-'.repeat(Math.min(width, 78)),
    identityLine(model),
    ...pageLines(model),
    ...services,
    ...interfaceLines(model, width).slice(0, 4),
    ...stockLines(model, width),
  ];
  const full = around(serviceLines(model, width));
  const fixed = (full.length < rows ? full : around(serviceSummary(model, width))).map((line) => cut(line, width));
  const last = footer === undefined ? [] : [cut(footer, width)];
  const room = Math.max(0, rows - fixed.length - last.length);
  const alerts = titled('Last alerts', alertLines(model, width - 2));
  const warnings = titled('Last warnings', warningLines(model, width - 2));
  // Each gets half, and what the other leaves.
  const alertRoom = Math.max(Math.ceil(room / 2), room - warnings.length);
  const shownAlerts = alerts.slice(0, Math.min(alertRoom, room));
  const shownWarnings = warnings.slice(0, room - shownAlerts.length);
  const body = [...fixed, ...atLeastTwo(shownAlerts), ...atLeastTwo(shownWarnings)].slice(0, rows - last.length);
  return [...body, ...new Array<string>(last.length > 0 ? rows - last.length - body.length : 0).fill(''), ...last];
}

const titled = (title: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];

/** A heading with nothing below it says nothing. */
const atLeastTwo = (lines: string[]): string[] => (lines.length < 2 ? [] : lines);

/** Bytes that draw the lines on a cleared screen: ECMA-48 cursor home, erase to end of line, erase to end of screen. */
export const drawScreen = (lines: readonly string[]): string =>
  `\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`;
