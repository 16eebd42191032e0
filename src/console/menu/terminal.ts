// A conversation over a terminal, a serial line or a pipe: questions, answers by the line. Ctrl-C and the end of input
// both answer "undefined": the dialogue is left, and nothing was done.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  /** no more input will come */
  readonly ended: boolean;
  say(text: string): void;
  clear(): void;
  /** @returns the line without its end, or undefined when the person left */
  ask(question: string): Promise<string | undefined>;
  /** the same, without showing what is typed */
  askSecret(question: string): Promise<string | undefined>;
  close(): void;
}

/** Typed ahead, or piped in: more than this is no person's. */
const LINES_AHEAD = 1000;

export function openTerminal(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Terminal {
  let hidden = false;
  const shown = new Writable({
    write(chunk, _encoding, done) {
      if (!hidden) output.write(chunk);
      done();
    },
  });
  const isTerminal = input.isTTY === true && output.isTTY === true;
  const reader = createInterface({ input, output: shown, terminal: isTerminal, historySize: 0 });
  const ahead: string[] = [];
  let waiting: ((line: string | undefined) => void) | undefined;
  let ended = false;

  const answer = (line: string | undefined) => {
    const tell = waiting;
    waiting = undefined;
    tell?.(line);
  };
  reader.on('line', (line) => {
    if (waiting !== undefined) answer(line);
    else if (ahead.length < LINES_AHEAD) ahead.push(line);
  });
  reader.on('SIGINT', () => {
    ahead.length = 0;
    if (waiting === undefined) return; // a job is under way; control finishes it
    reader.write(null, { ctrl: true, name: 'u' }); // forgets what was typed so far
    answer(undefined);
  });
  reader.on('close', () => {
    ended = true;
    answer(undefined);
  });

  const ask = async (question: string, secret: boolean): Promise<string | undefined> => {
    if (ended && ahead.length === 0) return undefined;
    const reply = new Promise<string | undefined>((resolve) => {
      waiting = resolve;
    });
    if (isTerminal && !ended) {
      reader.setPrompt(question); // the line editor has to know it, to redraw the line
      reader.prompt();
    } else {
      output.write(question);
    }
    hidden = secret;
    const early = ahead.shift();
    if (early !== undefined) answer(early);
    const given = await reply;
    hidden = false;
    // what was typed before the question stands above it
    if (early !== undefined && isTerminal && !secret) output.write(early);
    // an unfinished, unseen or early line has not moved the cursor
    if (given === undefined || secret || early !== undefined || !isTerminal) output.write('\n');
    return given;
  };

  return {
    get columns() {
      return output.columns ?? 80;
    },
    get rows() {
      return output.rows ?? 24;
    },
    get ended() {
      return ended && ahead.length === 0;
    },
    say: (text) => output.write(`${text}\n`),
    clear: () => {
      if (isTerminal) output.write('\x1b[H\x1b[2J'); // ECMA-48: cursor home, erase display
    },
    ask: (question) => ask(question, false),
    askSecret: (question) => ask(question, true),
    close: () => reader.close(),
  };
}
