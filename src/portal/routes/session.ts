// /api/session: who am I (GET), log in (POST), log out (DELETE).
import { bodyLimit } from 'hono/body-limit';
import * as v from 'valibot';
import type { Peer } from '../../api/peer.ts';
import { MssError } from '../../errors.ts';
import { answerError } from '../answer-error.ts';
import { renderCookie, renderNoCookie } from '../login/cookie.ts';
import type { PortalApp, PortalParts } from '../parts.ts';

const BODY_BYTES = 4096;
const LoginSchema = v.strictObject({
  name: v.pipe(v.string(), v.maxLength(64)),
  password: v.pipe(v.string(), v.maxLength(1024)),
});

export function sessionRoutes(app: PortalApp, { authority, audit, counters }: PortalParts): void {
  app.get('/api/session', (c) => {
    const who = c.get('who');
    if (who !== undefined) return c.json(who);
    const message = authority.hasAccounts()
      ? 'log in'
      : 'there is no account yet: make one on the sensor with "mss account add NAME"';
    return answerError({ code: 'login', message });
  });

  app.post('/api/session', bodyLimit({ maxSize: BODY_BYTES }), async (c) => {
    const { name, password } = parseLogin(await c.req.text());
    const from = addressOf(c.env.peer);
    const result = await authority.login(c.env.peer, name, password);
    if ('token' in result) {
      audit({ what: 'login', account: name, from });
      counters.logins = (counters.logins ?? 0) + 1;
      c.header('set-cookie', renderCookie(result.token));
      return c.json(result.who);
    }
    if (result.refused === 'wait') {
      const retrySeconds = Math.ceil(result.waitMs / 1000);
      return answerError({
        code: 'busy',
        message: `too many failed logins; try again in ${retrySeconds} s`,
        retrySeconds,
      });
    }
    counters.refusedLogins = (counters.refusedLogins ?? 0) + 1;
    audit({ what: 'login-refused', account: name, from });
    return answerError({ code: 'login', message: 'name or password is wrong' });
  });

  app.delete('/api/session', (c) => {
    const token = c.get('token');
    const who = c.get('who');
    if (token !== undefined) authority.logout(token);
    if (who !== undefined) audit({ what: 'logout', account: who.name, from: addressOf(c.env.peer) });
    c.header('set-cookie', renderNoCookie());
    return c.body(null, 204);
  });
}

export const addressOf = (peer: Peer): string => (peer.kind === 'network' ? peer.address : 'socket');

function parseLogin(text: string): v.InferOutput<typeof LoginSchema> {
  try {
    return v.parse(LoginSchema, JSON.parse(text));
  } catch (cause) {
    throw new MssError('usage', 'a login is {"name": "...", "password": "..."}', { cause });
  }
}
