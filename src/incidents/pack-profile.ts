// A profile as one short string, for hosts that nothing happens to just now: a tenth of the object, and one thing to
// collect instead of ten. Kept to Latin-1, so that a character takes one byte.
import type { DialogEvent } from './dialog-event.ts';
import type { ProfileState } from './profile.ts';

type Step = Omit<DialogEvent, 'host'>;

// both in this order, the seldom ones last: what is absent at the end takes no room
const HEAD_FIELDS = Object.keys({
  lastUs: 0,
  firstUs: 0,
  reopened: 0,
  dropped: 0,
  incidentId: 0,
  verdict: 0,
  related: 0,
} satisfies Record<keyof Omit<ProfileState, 'host' | 'events'>, 0>);

const STEP_FIELDS = Object.keys({
  phase: 0,
  detector: 0,
  summary: 0,
  confidence: 0,
  timeUs: 0,
  src_ip: 0,
  dest_ip: 0,
  dest_port: 0,
  proto: 0,
  src_port: 0,
  community_id: 0,
  rule: 0,
  count: 0,
  lastUs: 0,
} satisfies Record<keyof Step, 0>);

export function packProfile({ host, events, ...head }: ProfileState): string {
  const steps = events.map((event) => packFields(STEP_FIELDS, event, host, head.lastUs));
  return JSON.stringify([packFields(HEAD_FIELDS, head, host, 0), ...steps]).replaceAll(/[^\0-\xff]/g, escaped);
}

/** @param packed what {@link packProfile} made of the profile of `host` */
export function unpackProfile(host: string, packed: string): ProfileState {
  const [first, ...steps] = JSON.parse(packed) as unknown[][];
  const head = unpackFields(HEAD_FIELDS, first, host, 0) as unknown as Omit<ProfileState, 'events'>;
  return {
    ...head,
    events: steps.map((values) => unpackFields(STEP_FIELDS, values, host, head.lastUs) as unknown as DialogEvent),
  };
}

const isAddress = (field: string): boolean => field === 'src_ip' || field === 'dest_ip';
const isTime = (field: string): boolean => field.endsWith('Us');

/** Times count from `fromUs`, and 0 stands for the host's own address. */
function packFields(fields: readonly string[], from: object, host: string, fromUs: number): unknown[] {
  const values = fields.map((field) => {
    const value = (from as Record<string, unknown>)[field];
    if (isTime(field) && value !== undefined) return (value as number) - fromUs;
    return isAddress(field) && value === host ? 0 : value;
  });
  return values.slice(0, values.findLastIndex((value) => value !== undefined) + 1);
}

function unpackFields(fields: readonly string[], values: readonly unknown[], host: string, fromUs: number): object {
  const into: Record<string, unknown> = { host };
  for (const [at, value] of values.entries()) {
    // absent
    if (value === null) continue;
    const field = fields[at];
    if (isTime(field)) into[field] = (value as number) + fromUs;
    else into[field] = isAddress(field) && value === 0 ? host : value;
  }
  return into;
}

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
