// A compiled part of a rule: whether a record fits it, what it fits by, and which literals it cannot do without.
import type { FieldSlot, RecordView } from '../source/record-view.ts';

/** A text in lower case, of characters below 128, that a field must hold. */
export interface Anchor {
  slot: FieldSlot;
  literal: string;
}

export interface Node {
  fits(view: RecordView): boolean;
  /** For a record that fits: the lines of the rule that did it, as written, with the value. */
  explain(view: RecordView): string[];
  /**
   * Literals of which one is there whenever the node fits, or undefined when there are none. Of several sets the one
   * with the least `cost` is chosen.
   */
  anchors(cost: (anchors: readonly Anchor[]) => number): Anchor[] | undefined;
  /** every anchor that could be chosen, to count how many rules share each */
  visitAnchors(visit: (anchor: Anchor) => void): void;
}

export const allOf = (nodes: readonly Node[]): Node =>
  nodes.length === 1
    ? nodes[0]
    : {
        fits: (view) => nodes.every((node) => node.fits(view)),
        explain: (view) => nodes.flatMap((node) => node.explain(view)),
        anchors: (cost) => {
          let best: Anchor[] | undefined;
          for (const node of nodes) {
            const anchors = node.anchors(cost);
            if (anchors !== undefined && (best === undefined || cost(anchors) < cost(best))) best = anchors;
          }
          return best;
        },
        visitAnchors: (visit) => visitAll(nodes, visit),
      };

export const anyOf = (nodes: readonly Node[]): Node =>
  nodes.length === 1
    ? nodes[0]
    : {
        fits: (view) => nodes.some((node) => node.fits(view)),
        explain: (view) => nodes.flatMap((node) => (node.fits(view) ? node.explain(view) : [])),
        anchors: (cost) => {
          const each = nodes.map((node) => node.anchors(cost));
          return each.every((anchors) => anchors !== undefined) ? each.flat() : undefined;
        },
        visitAnchors: (visit) => visitAll(nodes, visit),
      };

/** Nothing that is there makes it fit, so nothing explains it and nothing anchors it. */
export const noneOf = (node: Node): Node => ({
  fits: (view) => !node.fits(view),
  explain: () => [],
  anchors: () => undefined,
  visitAnchors: () => {},
});

function visitAll(nodes: readonly Node[], visit: (anchor: Anchor) => void): void {
  for (const node of nodes) node.visitAnchors(visit);
}
