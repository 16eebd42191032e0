// A rule for the records of one source: its selections as nodes, its condition above them.
import type { Condition, DetectionRule, FieldTest, Selection } from '../rule/rule.ts';
import type { Give } from '../source/log-source.ts';
import type { FieldSlot, RecordView, SlotTable } from '../source/record-view.ts';
import { compileTest } from './compile-test.ts';
import { allOf, anyOf, type Node, noneOf } from './node.ts';

export interface CompiledRule {
  rule: DetectionRule;
  node: Node;
  selections: ReadonlyMap<string, Node>;
  /** where a field of the rule stands, for correlations */
  findSlot: (field: string) => FieldSlot;
}

/** Why a rule fits a record: a selection that matched, and by which of its lines. */
export interface MatchedSelection {
  selection: string;
  because: string[];
}

/** @throws MssError 'rule' for a regular expression that cannot be used */
export function compileRule(rule: DetectionRule, give: Give, slots: SlotTable): CompiledRule {
  const findSlot = (field: string | undefined) => slots.slot(give, field);
  const selections = new Map(
    [...rule.selections].map(([name, selection]) => [name, compileSelection(selection, findSlot)]),
  );
  const condition = compileCondition(rule.condition, selections);
  const where = [...give.where].map(([field, values]) =>
    compileTest(oneOf(field, values), () => slots.nativeSlot(field)),
  );
  return { rule, node: allOf([...where, condition]), selections, findSlot };
}

/** The selections that fit, for a record that the rule fits. */
export const explainMatch = ({ selections }: CompiledRule, view: RecordView): MatchedSelection[] =>
  [...selections].flatMap(([selection, node]) => (node.fits(view) ? [{ selection, because: node.explain(view) }] : []));

function compileSelection(selection: Selection, findSlot: (field: string | undefined) => FieldSlot): Node {
  if (selection.op === 'field') return compileTest(selection, findSlot);
  const nodes = selection.terms.map((term) => compileSelection(term, findSlot));
  return selection.op === 'all' ? allOf(nodes) : anyOf(nodes);
}

function compileCondition(condition: Condition, selections: ReadonlyMap<string, Node>): Node {
  switch (condition.op) {
    case 'selection':
      return selections.get(condition.name)!;
    case 'not':
      return noneOf(compileCondition(condition.term, selections));
    case 'and':
      return allOf(condition.terms.map((term) => compileCondition(term, selections)));
    case 'or':
      return anyOf(condition.terms.map((term) => compileCondition(term, selections)));
  }
}

const oneOf = (field: string, values: readonly string[]): FieldTest => ({
  op: 'field',
  field,
  values: values.map((text) => ({ kind: 'pattern', forms: [[{ text }]] })),
  every: false,
  negated: false,
  cased: true,
  dashes: false,
  label: field,
});
