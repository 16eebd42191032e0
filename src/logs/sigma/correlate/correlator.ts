// All correlation rules: what detection rules matched goes in, what that amounts to comes out. Correlations may count
// each other; a rule set is planned so that none counts itself.
import type { CompiledRule } from '../match/compile-rule.ts';
import type { CorrelationRule, SigmaRule } from '../rule/rule.ts';
import type { FieldSlot, RecordView } from '../source/record-view.ts';
import { Correlation, type Fulfilled } from './correlation.ts';
import { parseMemories, renderMemories } from './memory.ts';

/** Groups, times and values that all correlations together may remember. */
const MAX_ENTRIES = 2_000_000;
const MIN_ENTRIES_EACH = 20_000;

const NOTHING: Fulfilled[] = [];

/** A correlation that counts a rule. */
interface Feed {
  correlation: Correlation;
  positions: number[];
  /** group-by and counted fields, under the names that this rule has for them */
  groupFields: string[];
  valueFields: string[];
}

/** A feed for the records of one source. */
interface SlottedFeed extends Feed {
  groupSlots: FieldSlot[];
  valueSlots: FieldSlot[];
}

export class Correlator {
  readonly #correlations: Correlation[];
  readonly #closing: Correlation[];
  readonly #feeds = new Map<SigmaRule, Feed[]>();
  readonly #slotted = new Map<CompiledRule, SlottedFeed[]>();
  /** events without the field that a correlation groups by or counts */
  ungroupedEvents = 0;

  /**
   * @param resolve the rule that a correlation means by an id or a name
   * @param before the rules at work until now: correlations that are the same go on where they were
   */
  constructor(
    rules: readonly CorrelationRule[],
    resolve: (reference: string) => SigmaRule | undefined,
    before?: Correlator,
  ) {
    const maxEntries = Math.max(MIN_ENTRIES_EACH, Math.floor(MAX_ENTRIES / Math.max(rules.length, 1)));
    const atWork = before === undefined ? [] : before.#correlations;
    const known = new Map(atWork.map((correlation) => [correlation.rule.id, correlation]));
    this.#correlations = rules.map((rule) => new Correlation(rule, maxEntries, known.get(rule.id)));
    this.#closing = this.#correlations.filter(
      ({ rule: { type, limit } }) => type.endsWith('_count') && limit.max !== Infinity,
    );
    for (const correlation of this.#correlations) this.#feed(correlation, resolve);
  }

  #feed(correlation: Correlation, resolve: (reference: string) => SigmaRule | undefined): void {
    const { rules, groupBy, fields, aliases } = correlation.rule;
    const positions = new Map<SigmaRule, number[]>();
    for (const [position, reference] of rules.entries()) {
      const rule = resolve(reference);
      if (rule !== undefined) positions.set(rule, [...(positions.get(rule) ?? []), position]);
    }
    for (const [rule, at] of positions) {
      const nameIn = (field: string) => {
        const names = aliases.get(field);
        return names?.get(rule.id) ?? (rule.name === undefined ? undefined : names?.get(rule.name)) ?? field;
      };
      const feed = { correlation, positions: at, groupFields: groupBy.map(nameIn), valueFields: fields.map(nameIn) };
      this.#feeds.set(rule, [...(this.#feeds.get(rule) ?? []), feed]);
    }
  }

  get droppedGroups(): number {
    return this.#correlations.reduce((sum, { droppedGroups }) => sum + droppedGroups, 0);
  }

  get groupCount(): number {
    return this.#correlations.reduce((sum, { groupCount }) => sum + groupCount, 0);
  }

  /** What record time brings to an end; to be called before the record of that time is observed. */
  close(nowUs: number): Fulfilled[] {
    if (this.#closing.length === 0) return NOTHING; // asked for every record
    return this.#closing.flatMap((correlation) => correlation.close(nowUs));
  }

  /** What a matched rule amounts to, chains of correlations included. */
  observe(compiled: CompiledRule, view: RecordView): Fulfilled[] {
    let feeds = this.#slotted.get(compiled);
    if (feeds === undefined) {
      feeds = (this.#feeds.get(compiled.rule) ?? []).map((feed) => withSlots(feed, compiled));
      this.#slotted.set(compiled, feeds);
    }
    if (feeds.length === 0) return [];
    const { timeUs } = view.record;
    const fulfilled: Fulfilled[] = [];
    for (const feed of feeds) {
      const group = valuesOf(view, feed.groupSlots);
      const value = valuesOf(view, feed.valueSlots);
      this.#count(feed, timeUs, group, value, (one) => {
        fulfilled.push(one);
        this.#chain(one, compiled, view, fulfilled);
      });
    }
    return fulfilled;
  }

  /** A correlation that holds is an event for those that count it: its fields are its group's, then the record's. */
  #chain(event: Fulfilled, compiled: CompiledRule, view: RecordView, fulfilled: Fulfilled[]): void {
    for (const feed of this.#feeds.get(event.rule) ?? []) {
      const valueIn = (field: string) => {
        const at = event.rule.groupBy.indexOf(field);
        return at === -1 ? view.value(compiled.findSlot(field)) : event.group[at];
      };
      const group = definedOnly(feed.groupFields.map(valueIn));
      const value = definedOnly(feed.valueFields.map(valueIn));
      this.#count(feed, event.timeUs, group, value, (one) => {
        fulfilled.push(one);
        this.#chain(one, compiled, view, fulfilled);
      });
    }
  }

  #count(
    { correlation, positions }: Feed,
    timeUs: number,
    group: string[] | undefined,
    value: string[] | undefined,
    take: (fulfilled: Fulfilled) => void,
  ): void {
    if (group === undefined || value === undefined) {
      this.ungroupedEvents++;
      return;
    }
    const counted = value.length === 1 ? value[0] : JSON.stringify(value);
    const found = correlation.observe(group, { timeUs, positions, value: counted });
    if (found !== undefined) take(found);
  }

  /** What is to be kept beyond a restart, as a text of about `maxBytes` at the most. */
  remember(maxBytes: number): ReturnType<typeof renderMemories> {
    return renderMemories(this.#correlations, maxBytes);
  }

  /** @throws MssError 'input' for a text that remember() did not give */
  restore(text: string): void {
    const memories = parseMemories(text);
    for (const correlation of this.#correlations) {
      const memory = memories.get(correlation.rule.id);
      if (memory !== undefined) correlation.restore(memory);
    }
  }
}

const withSlots = (feed: Feed, { findSlot }: CompiledRule): SlottedFeed => ({
  ...feed,
  groupSlots: feed.groupFields.map(findSlot),
  valueSlots: feed.valueFields.map(findSlot),
});

const valuesOf = (view: RecordView, slots: readonly FieldSlot[]): string[] | undefined =>
  definedOnly(slots.map((slot) => view.value(slot)));

const definedOnly = (values: readonly (string | undefined)[]): string[] | undefined =>
  values.every((value) => value !== undefined) ? (values as string[]) : undefined;
