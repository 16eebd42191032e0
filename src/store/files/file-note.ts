// What was known of a file when it was seen last: kept beside it, as JSON.
import * as v from 'valibot';
import type { EveRecord } from '../../eve/record.ts';

const text = v.optional(v.pipe(v.string(), v.maxLength(1000)));
const NoteSchema = v.object({
  /** when, in microseconds since 1970 */
  timeUs: v.number(),
  name: text,
  /** as libmagic names it */
  kind: text,
  /** http, smb, ... */
  app: text,
  /** who sent it, and who took it */
  from: text,
  to: text,
  communityId: text,
  /** it was longer than what was kept */
  cut: v.optional(v.boolean()),
});
export type FileNote = v.InferOutput<typeof NoteSchema>;

const LONGEST = 1000;
const short = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, LONGEST) : undefined);

export const SHA256 = /^[0-9a-f]{64}$/;

/** Digest of the file that a `fileinfo` record is about; undefined for any other record. */
export function digestOf(eve: EveRecord): string | undefined {
  if (eve.event_type !== 'fileinfo') return undefined;
  const digest = (eve.fileinfo as { sha256?: unknown } | undefined)?.sha256;
  return typeof digest === 'string' && SHA256.test(digest) ? digest : undefined;
}

/** The note and digest of a file that the engine kept; undefined where it kept none. */
export function noteOf(eve: EveRecord, timeUs: number): { digest: string; note: FileNote } | undefined {
  const digest = digestOf(eve);
  const file = (eve.fileinfo ?? {}) as Record<string, unknown>;
  if (digest === undefined || file.stored !== true) return undefined;
  const note: FileNote = {
    timeUs,
    name: short(file.filename),
    kind: short(file.magic),
    app: eve.app_proto,
    from: eve.src_ip,
    to: eve.dest_ip,
    communityId: eve.community_id,
    ...(file.state === 'TRUNCATED' ? { cut: true } : {}),
  };
  return { digest, note };
}

/** undefined for what is no note. */
export function parseNote(json: string): FileNote | undefined {
  try {
    return v.parse(NoteSchema, JSON.parse(json));
  } catch {
    return undefined;
  }
}
