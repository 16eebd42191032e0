// The rules for one source, so arranged that a record is compared with few of them: only those of which it holds a
// literal that they cannot do without.
import type { FieldSlot, RecordView } from '../source/record-view.ts';
import type { CompiledRule } from './compile-rule.ts';
import { LiteralScanner } from './literal-scanner.ts';
import type { Anchor } from './node.ts';

/** The literals of one field, and by the number of each the rules that stand or fall with it. */
interface FieldIndex {
  slot: FieldSlot;
  scanner: LiteralScanner;
  rules: number[][];
}

export class RuleIndex {
  readonly #rules: readonly CompiledRule[];
  readonly #fields: FieldIndex[];
  /** rules that no literal stands for */
  readonly #always: number[];
  /** by rule: the turn in which it was last tried, since several literals may lead to it */
  readonly #tried: Uint32Array;
  readonly #found: number[] = [];
  #turn = 0;

  constructor(rules: readonly CompiledRule[]) {
    this.#rules = rules;
    this.#tried = new Uint32Array(rules.length);
    const { fields, always } = planIndex(rules);
    this.#fields = fields;
    this.#always = always;
  }

  /** Appends the rules that the record fits. */
  match(view: RecordView, hits: CompiledRule[]): void {
    if (++this.#turn > 0xffffffff) {
      this.#turn = 1;
      this.#tried.fill(0);
    }
    for (const number of this.#always) this.#try(number, view, hits);
    for (const { slot, scanner, rules } of this.#fields) {
      const text = view.lower(slot);
      if (text === undefined) continue;
      this.#found.length = 0;
      scanner.scan(text, this.#found);
      for (const literal of this.#found) for (const number of rules[literal]) this.#try(number, view, hits);
    }
  }

  #try(number: number, view: RecordView, hits: CompiledRule[]): void {
    if (this.#tried[number] === this.#turn) return;
    this.#tried[number] = this.#turn;
    const rule = this.#rules[number];
    if (rule.node.fits(view)) hits.push(rule);
  }
}

function planIndex(rules: readonly CompiledRule[]): { fields: FieldIndex[]; always: number[] } {
  const keyOf = ({ slot, literal }: Anchor) => `${slot.index} ${literal}`;
  const shared = new Map<string, number>();
  for (const { node } of rules) {
    node.visitAnchors((anchor) => shared.set(keyOf(anchor), (shared.get(keyOf(anchor)) ?? 0) + 1));
  }
  // how likely a record holds one of them: each character more makes that rarer, and what many rules ask for is common
  const cost = (anchors: readonly Anchor[]) =>
    anchors.reduce(
      (sum, anchor) => sum + (shared.get(keyOf(anchor)) ?? 1) * 2 ** -Math.min(anchor.literal.length, 16),
      0,
    );

  const byField = new Map<FieldSlot, Map<string, number[]>>();
  const always: number[] = [];
  for (const [number, { node }] of rules.entries()) {
    const anchors = node.anchors(cost);
    if (anchors === undefined) always.push(number);
    for (const { slot, literal } of anchors ?? []) {
      const literals = byField.get(slot) ?? new Map<string, number[]>();
      byField.set(slot, literals);
      literals.set(literal, [...(literals.get(literal) ?? []), number]);
    }
  }
  const fields = [...byField].map(([slot, literals]) => ({
    slot,
    scanner: new LiteralScanner([...literals.keys()]),
    rules: [...literals.values()],
  }));
  return { fields, always };
}
