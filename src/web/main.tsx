// The sensor's page: a login, then incidents and alerts as they come.
import { render } from 'preact';
import { App } from './app.tsx';
import { applyFilter } from './state/query.ts';
import { findSession } from './state/session.ts';

// links in mails lead to what concerns one address
applyFilter(new URLSearchParams(location.search).get('q') ?? '');
render(<App />, document.getElementById('page')!);
void findSession();
