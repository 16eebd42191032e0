// GET /api/packets?alert=ID or ?flow=ID: the packets of that flow, an hour to both sides, as a pcapng file.
import { MssError } from '../../errors.ts';
import { answerError } from '../answer-error.ts';
import { planQuestion } from '../packets/download.ts';
import type { PortalApp, PortalParts } from '../parts.ts';
import { addressOf } from './session.ts';

const TABLES = { alert: 'alerts', flow: 'flows' } as const;

export function packetsRoute(app: PortalApp, { archive, downloads, audit, counters }: PortalParts): void {
  app.get('/api/packets', async (c) => {
    const who = c.get('who');
    if (!who.packets) {
      const message =
        c.env.peer.kind === 'socket'
          ? 'packets are not given out over this socket; "mss packets" reads them'
          : `the account ${who.name} may not download packets; root can allow it: mss account allow-packets ${who.name}`;
      return answerError({ code: 'forbidden', message });
    }
    const [[kind, id] = ['', '']] = Object.entries(c.req.query());
    if (kind !== 'alert' && kind !== 'flow') throw new MssError('usage', 'name one ?alert=ID or ?flow=ID');
    const row = await archive.find(TABLES[kind], id);
    if (row === undefined || (row.type !== 'alert' && row.type !== 'flow')) {
      throw new MssError('not-found', `there is no ${kind} with the id ${id} (any more)`);
    }
    const question = planQuestion(row.eve, row.timeUs);
    const { flow, from, to } = question;
    audit({ what: 'packets', account: who.name, from: addressOf(c.env.peer), flow, fromTime: from, toTime: to });
    const body = await downloads.open(question, c.req.raw.signal, (bytes, result) => {
      counters.packetDownloads = (counters.packetDownloads ?? 0) + 1;
      audit({ what: 'packets-done', account: who.name, flow, bytes, result });
    });
    const when = new Date(row.timeUs / 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    return new Response(body, {
      headers: {
        'content-type': 'application/vnd.tcpdump.pcap',
        'content-disposition': `attachment; filename="${kind}-${when}-${row.id.split('.')[1]}.pcapng"`,
      },
    });
  });
}
