// What correlations remember, as text that outlives a restart: versioned, and bounded by what was quiet longest going
// first.
import * as v from 'valibot';
import { MssError, messageOf } from '../../../errors.ts';

const VERSION = 1;

/** When something happened, what it was (a value, a rule's place), and since when it goes on. */
const MomentSchema = v.union([
  v.strictTuple([v.number()]),
  v.strictTuple([v.number(), v.union([v.string(), v.number()])]),
  v.strictTuple([v.number(), v.number(), v.number()]),
]);
export type Moment = v.InferOutput<typeof MomentSchema>;

const GroupSchema = v.strictObject({
  key: v.string(),
  /** of a window that ends with its time: when it began */
  lastUs: v.number(),
  alertedUs: v.optional(v.number()),
  /** of a window: how much was counted in it */
  count: v.optional(v.number()),
  moments: v.array(MomentSchema),
});
/** One group. */
export type GroupMemory = v.InferOutput<typeof GroupSchema>;

const MemorySchema = v.strictObject({
  /** all of the rule that its memory depends on */
  meaning: v.string(),
  sinceUs: v.optional(v.number()),
  /** newest first */
  groups: v.array(GroupSchema),
});
/** One correlation. */
export type Memory = v.InferOutput<typeof MemorySchema>;

const FileSchema = v.strictObject({ version: v.literal(VERSION), correlations: v.record(v.string(), MemorySchema) });

/** A correlation that can be asked for its groups. */
export interface Remembering {
  id: string;
  meaning: string;
  sinceUs: number | undefined;
  groupCount: number;
  newestFirst(): Iterable<GroupMemory>;
}

/**
 * All memories as one text of about `maxBytes` at the most. Small ones are whole; what is left is shared by the others.
 * @returns how many groups it had no room for, too
 */
export function renderMemories(
  correlations: readonly Remembering[],
  maxBytes: number,
): { text: string; forgottenGroups: number } {
  const inTurn = correlations.filter(({ groupCount }) => groupCount > 0).sort((a, b) => a.groupCount - b.groupCount);
  let forgottenGroups = 0;
  let leftBytes = maxBytes;
  const parts = inTurn.map((correlation, i) => {
    let mayTake = leftBytes / (inTurn.length - i);
    const groups: string[] = [];
    for (const group of correlation.newestFirst()) {
      const text = JSON.stringify(group);
      const bytes = Buffer.byteLength(text) + 1;
      mayTake -= bytes;
      if (mayTake < 0) break;
      leftBytes -= bytes;
      groups.push(text);
    }
    forgottenGroups += correlation.groupCount - groups.length;
    const { id, meaning, sinceUs } = correlation;
    // the groups are rendered already: they take the place of the empty list at the end
    const rest = JSON.stringify({ meaning, sinceUs, groups: [] }).slice(0, -2);
    return `${JSON.stringify(id)}:${rest}${groups.join(',')}]}`;
  });
  return { text: `{"version":${VERSION},"correlations":{${parts.join(',')}}}`, forgottenGroups };
}

/** Memories by rule id. @throws MssError 'input' for what renderMemories() did not write */
export function parseMemories(text: string): Map<string, Memory> {
  try {
    const result = v.safeParse(FileSchema, JSON.parse(text));
    if (result.success) return new Map(Object.entries(result.output.correlations));
    const [issue] = result.issues;
    throw new MssError('input', `${v.getDotPath(issue) ?? '(whole file)'}: ${issue.message}`);
  } catch (cause) {
    throw new MssError('input', `no memory of log rules: ${messageOf(cause)}`, { cause });
  }
}
