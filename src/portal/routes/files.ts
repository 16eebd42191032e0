// GET /api/files: files out of the traffic, the newest first. GET /api/files/SHA256: one of them, as bytes that no browser
// opens. Both need the right to packets, and each download is audited as those are.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { KeptFileRow } from '../../api/rows.ts';
import { listNoted, openFile } from '../../store/files/file-folder.ts';
import type { PortalApp, PortalParts } from '../parts.ts';
import { refusePackets } from './packets.ts';
import { addressOf } from './session.ts';

const MOST_ROWS = 500;

export function fileRoutes(app: PortalApp, { filesDir, audit }: PortalParts): void {
  app.get('/api/files', (c) => {
    const refused = refusePackets(c.get('who'), c.env.peer);
    if (refused !== undefined) return refused;
    const rows = listNoted(filesDir, MOST_ROWS).map((file): KeptFileRow => ({ type: 'file', ...file }));
    return c.json({ rows });
  });
  app.get('/api/files/:sha256', (c) => {
    const who = c.get('who');
    const refused = refusePackets(who, c.env.peer);
    if (refused !== undefined) return refused;
    const sha256 = c.req.param('sha256').toLowerCase();
    const { fd, bytes } = openFile(filesDir, sha256);
    const file = createReadStream('', { fd, end: Math.max(0, bytes - 1) });
    try {
      audit({ what: 'file', account: who.name, from: addressOf(c.env.peer), sha256, bytes });
    } catch (error) {
      file.destroy();
      throw error;
    }
    return new Response(Readable.toWeb(file) as ReadableStream<Uint8Array>, {
      headers: {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${sha256}.bin"`,
        'content-length': String(bytes),
      },
    });
  });
}
