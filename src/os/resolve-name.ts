// Asks the system's resolver for one name. The answer itself is nobody's business here.
import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const WITHIN_MS = 5000;

/** @returns why the name could not be resolved, or undefined when it could */
export async function resolveProblem(name: string): Promise<string | undefined> {
  const giveUp = new AbortController();
  try {
    return await Promise.race([
      lookup(name).then(() => undefined),
      sleep(WITHIN_MS, `no answer within ${WITHIN_MS / 1000} s`, { signal: giveUp.signal }),
    ]);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    giveUp.abort();
  }
}
