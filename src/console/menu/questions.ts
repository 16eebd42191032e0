// Questions that are asked again until the answer makes sense. "undefined" always means: the person left.
import { messageOf } from '../../errors.ts';
import type { Terminal } from './terminal.ts';

/**
 * Asks until `parse` takes the answer; what `parse` throws is said.
 * @param fallback taken for an empty line, shown in brackets
 */
export async function askUntil<T>(
  terminal: Terminal,
  question: string,
  parse: (answer: string) => T,
  fallback?: string,
): Promise<T | undefined> {
  const shown = fallback === undefined ? `${question}: ` : `${question} [${fallback}]: `;
  for (;;) {
    const answer = await terminal.ask(shown);
    if (answer === undefined) return undefined;
    const text = answer.trim() === '' ? (fallback ?? '') : answer.trim();
    try {
      return parse(text);
    } catch (error) {
      terminal.say(`  ${messageOf(error)}`);
    }
  }
}

/** Yes or no; an empty line is `fallback`. */
export const askYes = (terminal: Terminal, question: string, fallback: boolean): Promise<boolean | undefined> =>
  askUntil(
    terminal,
    `${question} (y/n)`,
    (answer) => {
      if (/^y(es)?$/i.test(answer)) return true;
      if (/^no?$/i.test(answer)) return false;
      throw new Error('Please answer y or n.');
    },
    fallback ? 'y' : 'n',
  );

/** A word that has to be typed in full, before something that cannot be taken back. */
export async function askWord(terminal: Terminal, word: string, what: string): Promise<boolean> {
  const answer = await terminal.ask(`Type "${word}" to ${what}, anything else to leave: `);
  return answer?.trim() === word;
}

/** A new password, typed twice and never shown. @param check throws what is wrong with it */
export async function askNewPassword(
  terminal: Terminal,
  what: string,
  check: (password: string) => void,
): Promise<string | undefined> {
  for (;;) {
    const password = await terminal.askSecret(`${what}: `);
    if (password === undefined) return undefined;
    try {
      check(password);
    } catch (error) {
      terminal.say(`  ${messageOf(error)}`);
      continue;
    }
    const again = await terminal.askSecret('The same again: ');
    if (again === undefined) return undefined;
    if (again === password) return password;
    terminal.say('  These were two different ones.');
  }
}

/** Waits until the person has read what stands there. */
export async function pause(terminal: Terminal): Promise<void> {
  if (!terminal.ended) await terminal.ask('Press Enter to go on. ');
}
