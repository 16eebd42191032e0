// Name and password of a local account.
import { useSignal } from '@preact/signals';
import { logIn, session } from '../state/session.ts';
import { Mark } from './mark.tsx';

export function Login() {
  const failure = useSignal<string | undefined>(undefined);
  const busy = useSignal(false);
  const state = session.value;
  const why = failure.value ?? (state.kind === 'out' ? state.why : undefined);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    busy.value = true;
    failure.value = await logIn(String(fields.get('name')), String(fields.get('password')));
    busy.value = false;
    if (failure.value !== undefined) form.querySelector<HTMLInputElement>('[name=password]')?.select();
  };

  return (
    <main class="login">
      <form onSubmit={submit}>
        <h1>
          <Mark /> MetaFlows sensor
        </h1>
        <label>
          Name
          <input name="name" autocomplete="username" autocapitalize="none" required autofocus />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        {why !== undefined && (
          <p class="refusal" role="alert">
            {why}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy.value}>
          {busy.value ? 'Checking…' : 'Log in'}
        </button>
        <p class="hint">
          Accounts are made on the sensor’s console: <code>mss account add NAME</code>
        </p>
      </form>
    </main>
  );
}
