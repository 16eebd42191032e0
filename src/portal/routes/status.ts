// GET /api/status: what the services say of themselves, for the page's strip.
import type { PortalApp, PortalParts } from '../parts.ts';

export function statusRoute(app: PortalApp, { readStatus }: PortalParts): void {
  app.get('/api/status', (c) => c.json(readStatus()));
}
