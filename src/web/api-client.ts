// Asks the sensor's API. Every failure becomes a Refusal whose message is made for a person.
import type { ApiError } from '../api/errors.ts';

export class Refusal extends Error {
  readonly code: ApiError['code'];
  readonly retrySeconds: number | undefined;

  constructor({ code, message, retrySeconds }: ApiError) {
    super(message);
    this.code = code;
    this.retrySeconds = retrySeconds;
  }
}

/** Called when the sensor says that nobody is logged in (any more). */
let onLoggedOut: () => void = () => {};
export const whenLoggedOut = (call: () => void): void => {
  onLoggedOut = call;
};

/** @throws Refusal */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...init, headers: { 'x-mss': '1', ...init.headers }, credentials: 'same-origin' });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Refusal({ code: 'io', message: 'the sensor does not answer; is it restarting, or the network down?' });
  }
  if (answer.ok) return answer;
  const refusal = new Refusal(await errorOf(answer));
  if (refusal.code === 'login' && path !== '/api/session') onLoggedOut();
  throw refusal;
}

/** @throws Refusal */
export async function askJson<T>(path: string, init?: RequestInit): Promise<T> {
  return (await (await ask(path, init)).json()) as T;
}

async function errorOf(answer: Response): Promise<ApiError> {
  try {
    return (await answer.json()) as ApiError;
  } catch {
    return { code: 'io', message: `the sensor answered ${answer.status} ${answer.statusText}` };
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
