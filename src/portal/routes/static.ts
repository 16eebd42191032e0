// The pages' own files.
import { answerError } from '../answer-error.ts';
import type { PortalApp, PortalParts } from '../parts.ts';

export function staticRoutes(app: PortalApp, { files }: PortalParts): void {
  if (!files.has('/')) {
    app.get('/', () => answerError({ code: 'not-found', message: 'the pages were not built; run "npm run build"' }));
  }
  for (const [path, { bytes, type, etag }] of files) {
    app.get(path, (c) => {
      const headers = { etag, 'cache-control': 'no-cache' };
      if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
      return c.body(bytes, 200, { ...headers, 'content-type': type });
    });
  }
}
