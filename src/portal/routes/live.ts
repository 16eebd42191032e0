// GET /api/live?q=FILTER: new alerts that match, and incidents, as server-sent events while the reader stays.
import { streamSSE } from 'hono/streaming';
import { parseFilter } from '../../query/parse.ts';
import { planMemory } from '../../query/plan-memory.ts';
import type { PortalApp, PortalParts } from '../parts.ts';

/** A storm comes in handfuls, not one by one. */
const GATHER_MS = 200;
/** Something is sent at least this often: a dead connection shows, and the session is looked at again. */
const BEAT_MS = 15_000;

export function liveRoute(app: PortalApp, { hub, authority, signal }: PortalParts): void {
  app.get('/api/live', (c) => {
    const watcher = hub.watch(planMemory(parseFilter(c.req.query('q') ?? ''), 'alerts'));
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => {
        hub.unwatch(watcher);
        watcher.wake();
      });
      try {
        await stream.writeSSE({ event: 'begin', data: '{}' });
        while (!stream.aborted && !signal.aborted) {
          const { rows, dropped } = await watcher.take(BEAT_MS);
          if (authority.identify(c.env.peer, c.get('token'), false) === undefined) {
            await stream.writeSSE({ event: 'login', data: '{}' });
            return;
          }
          await stream.writeSSE({ event: 'rows', data: JSON.stringify({ rows, dropped }) });
          await stream.sleep(GATHER_MS);
        }
      } finally {
        hub.unwatch(watcher);
      }
    });
  });
}
