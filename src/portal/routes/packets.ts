// GET /api/packets: the packets of an event's flow an hour to both sides (?alert=ID, ?flow=ID), or those that words name
// (?tuple= ?community-id= ?filter= ?regex= ?from= ?to= ?around=); as pcapng, text or carved files (?as=). With ?id=NAME
// GET /api/packets/NAME tells how far it is, and DELETE ends it.
import { streamSSE } from 'hono/streaming';
import type { Peer } from '../../api/peer.ts';
import { MssError } from '../../errors.ts';
import { answerError } from '../answer-error.ts';
import type { Who } from '../login/authority.ts';
import {
  asksByWords,
  FORMS,
  type Form,
  type PacketQuestion,
  planEventQuestion,
  planWordQuestion,
} from '../packets/question.ts';
import type { PortalApp, PortalParts } from '../parts.ts';
import { addressOf } from './session.ts';

const TABLES = { alert: 'alerts', flow: 'flows' } as const;
const DOWNLOAD_NAME = /^[A-Za-z0-9-]{1,64}$/;
const PROGRESS_MS = 500;

export function packetsRoute(app: PortalApp, parts: PortalParts): void {
  const { downloads, audit, counters } = parts;
  app.get('/api/packets', async (c) => {
    const who = c.get('who');
    const refused = refusePackets(who, c.env.peer);
    if (refused !== undefined) return refused;
    const query = c.req.query();
    const { question, name } = await planDownload(parts, query);
    const { what: flow, from, to, form } = question;
    audit({ what: 'packets', account: who.name, from: addressOf(c.env.peer), flow, fromTime: from, toTime: to });
    const done = (bytes: number, result: string) => {
      counters.packetDownloads = (counters.packetDownloads ?? 0) + 1;
      audit({ what: 'packets-done', account: who.name, flow, bytes, result });
    };
    const by = { owner: who.name, name: query.id === undefined ? undefined : readName(query.id) };
    const body = await downloads.open(question, c.req.raw.signal, done, by);
    return new Response(body, {
      headers: {
        'content-type': FORMS[form].type,
        'content-disposition': `attachment; filename="${name}.${FORMS[form].ending}"`,
      },
    });
  });
  app.get('/api/packets/:id', (c) => {
    const refused = refusePackets(c.get('who'), c.env.peer);
    if (refused !== undefined) return refused;
    const [owner, id] = [c.get('who').name, readName(c.req.param('id'))];
    return streamSSE(c, async (stream) => {
      while (!stream.aborted && !parts.signal.aborted) {
        const progress = downloads.progress(owner, id);
        if (progress === undefined) break;
        await stream.writeSSE({ event: 'progress', data: JSON.stringify(progress) });
        await stream.sleep(PROGRESS_MS);
      }
      await stream.writeSSE({ event: 'end', data: '{}' });
    });
  });
  app.delete('/api/packets/:id', (c) => {
    const refused = refusePackets(c.get('who'), c.env.peer);
    if (refused !== undefined) return refused;
    const id = readName(c.req.param('id'));
    if (downloads.cancel(c.get('who').name, id)) return c.json({ cancelled: id });
    throw new MssError('not-found', `no download with the id ${id} is running`);
  });
}

/** Why this one may not have packets, and files out of them; undefined when it may. */
export function refusePackets(who: Who, peer: Peer): Response | undefined {
  if (who.packets) return undefined;
  const message =
    peer.kind === 'socket'
      ? 'packets are not given out over this socket; "mss packets" reads them'
      : `the account ${who.name} may not download packets; root can allow it: mss account allow-packets ${who.name}`;
  return answerError({ code: 'forbidden', message });
}

async function planDownload(
  { archive }: PortalParts,
  query: Record<string, string>,
): Promise<{ question: PacketQuestion; name: string }> {
  const form = query.as ?? 'pcapng';
  if (!Object.hasOwn(FORMS, form)) throw new MssError('usage', `as=${form}: write ${Object.keys(FORMS).join(', ')}`);
  const stamp = (us: number) => new Date(us / 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  if (asksByWords(query)) {
    const nowUs = Date.now() * 1000;
    return { question: planWordQuestion(query, form as Form, nowUs), name: `packets-${stamp(nowUs)}` };
  }
  const kind = query.alert !== undefined ? 'alert' : query.flow !== undefined ? 'flow' : undefined;
  if (kind === undefined) {
    throw new MssError('usage', 'name one ?alert=ID or ?flow=ID, or ?tuple=, ?community-id=, ?filter= with a time');
  }
  const row = await archive.find(TABLES[kind], query[kind]);
  if (row === undefined || (row.type !== 'alert' && row.type !== 'flow')) {
    throw new MssError('not-found', `there is no ${kind} with the id ${query[kind]} (any more)`);
  }
  const question = planEventQuestion(row.eve, row.timeUs, form as Form);
  return { question, name: `${kind}-${stamp(row.timeUs)}-${row.id.split('.')[1]}` };
}

function readName(id: string): string {
  if (!DOWNLOAD_NAME.test(id)) throw new MssError('usage', 'a download id has 1 to 64 letters, digits and dashes');
  return id;
}
