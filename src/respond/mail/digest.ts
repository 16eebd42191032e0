// When which occasions become one letter: at once the first time, then at most one letter a topic in a set time, which
// tells of all that came meanwhile. Pure: the clock is the caller's, and the state is plain data that can be kept.
import type { MailTopic } from '../../config/outlets.ts';
import type { Occasion } from '../occasion.ts';

/** An occasion, and how often it came. */
export interface Told extends Occasion {
  times: number;
}

/** What one mail or webhook call says. */
export interface Letter {
  topic: MailTopic;
  /** oldest first, never empty */
  occasions: Told[];
  /** occasions that came after the letter was full */
  left: number;
}

interface Topic {
  occasions: Told[];
  left: number;
  /** when the first of them came */
  sinceMs: number;
  sentMs: number;
}

export type DigestState = Partial<Record<MailTopic, Topic>>;

/** A burst is told of in one letter: what follows the first occasion this closely goes with it. */
const GATHER_MS = 10_000;
/** A letter longer than this is not read. */
const MAX_OCCASIONS = 50;

export class Digest {
  readonly state: DigestState;

  /** @param state what an earlier digest kept */
  constructor(state: DigestState = {}) {
    this.state = state;
  }

  /** Takes an occasion; the same one again replaces what was known of it. */
  add(occasion: Occasion, nowMs: number): void {
    this.state[occasion.topic] ??= { occasions: [], left: 0, sinceMs: 0, sentMs: 0 };
    const topic = this.state[occasion.topic] as Topic;
    if (topic.occasions.length === 0) topic.sinceMs = nowMs;
    const at = topic.occasions.findIndex(({ key }) => key === occasion.key);
    if (at !== -1) topic.occasions[at] = { ...occasion, times: topic.occasions[at].times + 1 };
    else if (topic.occasions.length < MAX_OCCASIONS) topic.occasions.push({ ...occasion, times: 1 });
    else topic.left++;
  }

  /** The letters whose time has come. @param everyMs shortest time between two letters of one topic */
  take(nowMs: number, everyMs: number): Letter[] {
    const letters: Letter[] = [];
    for (const [name, topic] of Object.entries(this.state) as [MailTopic, Topic][]) {
      if (topic.occasions.length === 0) continue;
      // a clock that was set back must not hold letters for as long
      const gathered = nowMs - topic.sinceMs >= GATHER_MS || nowMs < topic.sinceMs;
      const waited = nowMs - topic.sentMs >= everyMs || nowMs < topic.sentMs;
      if (!gathered || !waited) continue;
      letters.push({ topic: name, occasions: topic.occasions, left: topic.left });
      this.state[name] = { occasions: [], left: 0, sinceMs: 0, sentMs: nowMs };
    }
    return letters;
  }
}
