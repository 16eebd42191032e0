// The board on the machine's own screen: drawn every few seconds, without any right. Enter draws it anew; any other key
// ends it, and the unit after it asks for a login.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../os/run-service.ts';
import { ratesBetween, type SensorSnapshot } from '../sensor-snapshot.ts';
import { readDetails } from '../status-details.ts';
import { drawScreen, renderBoard } from './render-board.ts';

const DRAW_MS = 2000;
const FOOTER = 'Enter clears the screen. Any other key: log in as root.';
const CLEAR = '\x1b[H\x1b[2J'; // ECMA-48: cursor home, erase display

export interface BoardScreen {
  input: NodeJS.ReadStream;
  output: NodeJS.WriteStream;
}

/** Runs until a key, or until the service is asked to stop. */
export async function runBoard(
  service: Service,
  { input, output }: BoardScreen,
  read: () => Promise<SensorSnapshot>,
): Promise<void> {
  const turn = service.loop('board');
  let leave = new AbortController();
  let keyPressed = false;
  if (input.isTTY) input.setRawMode(true);
  input.on('data', (keys: Buffer) => {
    if (keys.every((key) => key === 13 || key === 10)) output.write(CLEAR);
    else keyPressed = true;
    leave.abort();
  });
  service.signal.addEventListener('abort', () => leave.abort());
  service.ready('shows the board');

  let before: SensorSnapshot | undefined;
  while (!keyPressed && !service.signal.aborted) {
    const snapshot = await read();
    const rates = before === undefined ? [] : ratesBetween(before, snapshot);
    before = snapshot;
    const size = { columns: output.columns ?? 80, rows: output.rows ?? 25 };
    output.write(
      drawScreen(renderBoard({ snapshot, details: readDetails(snapshot), rates }, { ...size, footer: FOOTER })),
    );
    turn();
    await sleep(DRAW_MS, undefined, { signal: leave.signal }).catch(() => {});
    leave = new AbortController();
  }
  if (input.isTTY) input.setRawMode(false);
  output.write(CLEAR);
  input.pause();
}
