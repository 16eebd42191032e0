// POST /api/incidents/ID: a person's word on an incident. ids applies it, and the archive shows what came of it.
import { bodyLimit } from 'hono/body-limit';
import * as v from 'valibot';
import { renderVerdict } from '../../api/incident.ts';
import { MssError } from '../../errors.ts';
import type { PortalApp, PortalParts } from '../parts.ts';
import { addressOf } from './session.ts';

const BODY_BYTES = 4096;
const line = (maxLength: number) =>
  v.pipe(v.string(), v.maxLength(maxLength), v.regex(/^[^\u0000-\u001f\u007f]*$/, 'must be one line'));
const VerdictSchema = v.strictObject({
  state: v.picklist(['open', 'closed']),
  truth: v.optional(v.picklist(['true', 'false'])),
  note: v.optional(line(500)),
  assignee: v.optional(line(64)),
});

export function verdictRoute(app: PortalApp, { archive, audit, judge }: PortalParts): void {
  app.post('/api/incidents/:id', bodyLimit({ maxSize: BODY_BYTES }), async (c) => {
    const id = c.req.param('id');
    const said = parseVerdict(await c.req.text());
    const row = await archive.find('incidents', id);
    if (row?.type !== 'incident') throw new MssError('not-found', `there is no incident with the id ${id} (any more)`);
    const { incident } = row;
    const { name } = c.get('who');
    const verdict = { ...said, by: name, timeUs: Date.now() * 1000 };
    audit({ what: 'verdict', account: name, from: addressOf(c.env.peer), text: renderVerdict(incident, verdict) });
    judge({ type: 'verdict', timeUs: verdict.timeUs, incident, verdict });
    return c.json(verdict);
  });
}

/** @throws MssError 'usage' */
function parseVerdict(text: string): v.InferOutput<typeof VerdictSchema> {
  try {
    return v.parse(VerdictSchema, JSON.parse(text));
  } catch (cause) {
    const shape = '{"state": "open" or "closed", "truth": "true" or "false", "note": "...", "assignee": "..."}';
    throw new MssError('usage', `a verdict is ${shape}; all but the state may be left out`, { cause });
  }
}
