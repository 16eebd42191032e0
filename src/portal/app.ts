// The pages and the API as one application: who may ask, what every answer carries, and which routes there are.
import { Hono } from 'hono';
import type { Peer } from '../api/peer.ts';
import { MssError, messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { answerError } from './answer-error.ts';
import { checkRequest, setAnswerHeaders } from './browser-safety.ts';
import type { Authority, Who } from './login/authority.ts';
import { readToken } from './login/cookie.ts';
import type { PortalApp, PortalEnv, PortalParts } from './parts.ts';
import { addressRoutes } from './routes/addresses.ts';
import { fileRoutes } from './routes/files.ts';
import { ledgerRoute } from './routes/ledger.ts';
import { liveRoute } from './routes/live.ts';
import { packetsRoute } from './routes/packets.ts';
import { searchRoutes } from './routes/search.ts';
import { sessionRoutes } from './routes/session.ts';
import { staticRoutes } from './routes/static.ts';
import { statusRoute } from './routes/status.ts';
import { verdictRoute } from './routes/verdict.ts';

/** What may be asked without a login: the page that asks for one, and the login itself. */
const OPEN_PATHS = new Set(['/', '/main.js', '/style.css', '/icon.svg', '/api/session']);
/** Polled by the page alone: they keep no session from going idle. */
const QUIET_PATHS = new Set(['/api/status', '/api/live']);

export function createApp(parts: PortalParts): PortalApp {
  const app = new Hono<PortalEnv>();
  app.use(async (c, next) => {
    parts.counters.requests = (parts.counters.requests ?? 0) + 1;
    await next();
    setAnswerHeaders(c.res.headers, c.req.path);
  });
  app.use(async (c, next) => {
    const refusal = checkRequest(c.req.raw, c.env.peer, parts.hostNames());
    if (refusal !== undefined) return answerError(refusal);
    const token = readToken(c.req.header('cookie'));
    const who = identify(parts.authority, c.env.peer, token, c.req.path);
    if (who === undefined && !OPEN_PATHS.has(c.req.path)) {
      return answerError({ code: 'login', message: 'log in first: the session is over, or there was none' });
    }
    // Hono answers HEAD by the route of GET and drops the body: a live view or a download would go on for nobody.
    if (c.req.raw.method === 'HEAD' && c.req.path.startsWith('/api/')) {
      return answerError({ code: 'usage', message: `${c.req.path} is asked for with GET` });
    }
    if (who !== undefined) c.set('who', who);
    c.set('token', token);
    await next();
  });
  sessionRoutes(app, parts);
  searchRoutes(app, parts);
  liveRoute(app, parts);
  packetsRoute(app, parts);
  statusRoute(app, parts);
  ledgerRoute(app, parts);
  verdictRoute(app, parts);
  addressRoutes(app, parts);
  fileRoutes(app, parts);
  staticRoutes(app, parts);
  app.notFound((c) => answerError({ code: 'not-found', message: `there is nothing at ${c.req.path}` }));
  app.onError((error) => {
    if (error instanceof MssError) return answerError({ code: error.code, message: error.message });
    log('error', `portal: ${error.stack ?? messageOf(error)}`);
    return answerError({ code: 'io', message: 'the portal failed on this; its reason is in journalctl -u mss-portal' });
  });
  return app;
}

function identify(authority: Authority, peer: Peer, token: string | undefined, path: string): Who | undefined {
  return authority.identify(peer, token, !QUIET_PATHS.has(path));
}
