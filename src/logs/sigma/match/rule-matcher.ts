// All detection rules, by the source that each is for: a record in, the rules that it fits out.
import type { LogRecord } from '../../../api/log-record.ts';
import { messageOf } from '../../../errors.ts';
import { type DetectionRule, type LogSource, refusal } from '../rule/rule.ts';
import { coversSource, type Give, type SourceDefinition } from '../source/log-source.ts';
import { RecordView, SlotTable } from '../source/record-view.ts';
import { SourceTable } from '../source/source-table.ts';
import { type CompiledRule, compileRule } from './compile-rule.ts';
import { RuleIndex } from './rule-index.ts';

export class RuleMatcher {
  readonly #definitions: readonly SourceDefinition[];
  readonly #table: SourceTable;
  readonly #compiled: CompiledRule[][];
  /** made when a source's first record comes: together they would be most of a start, and no network has all sources */
  readonly #indexes: (RuleIndex | undefined)[];
  readonly #hits: CompiledRule[] = [];
  readonly #seen = new Set<DetectionRule>();
  /** the record that was matched last, for what is to be said of its hits */
  readonly view = new RecordView();
  /** rules that cannot be used, and why */
  readonly refused = new Map<DetectionRule, string>();

  constructor(rules: readonly DetectionRule[], definitions: readonly SourceDefinition[]) {
    this.#definitions = definitions;
    this.#table = new SourceTable(definitions);
    const compiled = definitions.map((): CompiledRule[] => []);
    const slots = definitions.map(() => new SlotTable());
    for (const rule of rules) {
      try {
        const places = definitions.map(({ gives }) => givesFor(rule, gives));
        if (places.every((gives) => gives.length === 0)) {
          throw refusal('log source', `no log that is read here is ${describeSource(rule.logSource)}`);
        }
        const made = places.map((gives, i) => gives.map((give) => compileRule(rule, give, slots[i])));
        for (const [i, one] of made.entries()) compiled[i].push(...one);
      } catch (error) {
        this.refused.set(rule, messageOf(error));
      }
    }
    this.#compiled = compiled;
    this.#indexes = definitions.map(() => undefined);
  }

  /** The rules that the record fits, each once. The array and the view are of use until the next call. */
  match(record: LogRecord): readonly CompiledRule[] {
    const hits = this.#hits;
    hits.length = 0;
    const number = this.#table.find(record);
    if (number === -1) return hits;
    this.view.show(record, this.#definitions[number]);
    this.#indexes[number] ??= new RuleIndex(this.#compiled[number]);
    this.#indexes[number].match(this.view, hits);
    return hits.length > 1 ? this.#onlyOnce(hits) : hits;
  }

  /** A rule may be there once for each name that its source goes by. */
  #onlyOnce(hits: readonly CompiledRule[]): CompiledRule[] {
    this.#seen.clear();
    return hits.filter(({ rule }) => {
      const isNew = !this.#seen.has(rule);
      this.#seen.add(rule);
      return isNew;
    });
  }
}

/** A name that goes for every record of the source makes those that go for some of them needless. */
function givesFor({ logSource }: DetectionRule, gives: readonly Give[]): Give[] {
  const fitting = gives.filter((give) => coversSource(logSource, give.logSource));
  const whole = fitting.find((give) => give.where.size === 0);
  return whole === undefined ? fitting : [whole];
}

const describeSource = ({ product, service, category }: LogSource): string =>
  Object.entries({ product, service, category })
    .filter(([, name]) => name !== undefined)
    .map(([key, name]) => `${key}=${name}`)
    .join(' ');
