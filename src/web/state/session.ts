// Who is logged in here.
import { signal } from '@preact/signals';
import { ask, askJson, messageOf, Refusal, whenLoggedOut } from '../api-client.ts';

interface Who {
  name: string;
  packets: boolean;
}

export type SessionState =
  | { kind: 'unknown' }
  | { kind: 'in'; who: Who }
  /** `why` is shown on the login page */
  | { kind: 'out'; why?: string };

export const session = signal<SessionState>({ kind: 'unknown' });

whenLoggedOut(() => {
  if (session.value.kind === 'in') session.value = { kind: 'out', why: 'The session is over. Log in again.' };
});

/** Is there a session already? */
export async function findSession(): Promise<void> {
  try {
    session.value = { kind: 'in', who: await askJson<Who>('/api/session') };
  } catch (error) {
    const message = messageOf(error);
    session.value = { kind: 'out', why: message === 'log in' ? undefined : message };
  }
}

/** Answers why not, or nothing when it worked. */
export async function logIn(name: string, password: string): Promise<string | undefined> {
  try {
    const who = await askJson<Who>('/api/session', { method: 'POST', body: JSON.stringify({ name, password }) });
    session.value = { kind: 'in', who };
    return undefined;
  } catch (error) {
    return error instanceof Refusal ? error.message : messageOf(error);
  }
}

export async function logOut(): Promise<void> {
  await ask('/api/session', { method: 'DELETE' }).catch(() => {}); // gone from here in any case
  session.value = { kind: 'out' };
}
