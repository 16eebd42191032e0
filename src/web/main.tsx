// The sensor's page: a login, then incidents and alerts as they come.
import { render } from 'preact';
import { App } from './app.tsx';
import { findSession } from './state/session.ts';

render(<App />, document.getElementById('page')!);
void findSession();
