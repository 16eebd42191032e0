// Login or page, by what is known of the session.
import { session } from './state/session.ts';
import { EventsPage } from './views/events-page.tsx';
import { Login } from './views/login.tsx';

export function App() {
  const { kind } = session.value;
  if (kind === 'unknown') return <main class="waiting">Asking the sensor…</main>;
  return kind === 'in' ? <EventsPage /> : <Login />;
}
