// One line of a selection -> a node: the values as tests on the field's text.
import { parseAddressOrNothing } from '../../../net/address.ts';
import { cidrContains, parseCidr } from '../../../net/cidr.ts';
import { plainText, renderPattern } from '../rule/pattern.ts';
import type { Comparison, FieldRelation, FieldTest, Piece, Value } from '../rule/rule.ts';
import type { FieldSlot, RecordView } from '../source/record-view.ts';
import { readDatePart } from './date-part.ts';
import { compilePattern, type TextTest } from './match-pattern.ts';
import type { Anchor, Node } from './node.ts';
import { compileRegex, requiredText } from './regex.ts';

type ViewTest = (view: RecordView) => boolean;

/** Sigma's command line dashes: hyphen, slash, en dash, em dash and horizontal bar. */
const DASHES = /[/\u2013\u2014\u2015]/g;

/**
 * @param findSlot where a field stands; a rule may name others than the test's own
 * @throws MssError 'rule' for a regular expression that cannot be used
 */
export function compileTest(test: FieldTest, findSlot: (field: string | undefined) => FieldSlot): Node {
  const slot = findSlot(test.field);
  const tests = test.values.map((value) => compileValue(value, test, slot, findSlot));
  const fits = test.every ? everyOf(tests) : someOf(test, tests, slot);
  return {
    fits: test.negated ? (view) => !fits(view) : fits,
    explain: (view) =>
      test.values.flatMap((value, i) => (tests[i](view) === test.negated ? [] : [`${test.label} ${describe(value)}`])),
    anchors: (cost) => {
      if (test.negated) return undefined;
      const each = test.values.map((value) => anchorsOf(value, test, slot));
      if (!test.every) return each.every((anchors) => anchors !== undefined) ? each.flat() : undefined;
      const usable = each.filter((anchors) => anchors !== undefined);
      return usable.sort((a, b) => cost(a) - cost(b))[0];
    },
    visitAnchors: (visit) => {
      if (!test.negated) for (const value of test.values) anchorsOf(value, test, slot)?.forEach(visit);
    },
  };
}

const everyOf =
  (tests: readonly ViewTest[]): ViewTest =>
  (view) => {
    for (const fits of tests) if (!fits(view)) return false;
    return true;
  };

/** Values without wildcards, of which a rule may list hundreds, are one look-up. */
function someOf(test: FieldTest, tests: readonly ViewTest[], slot: FieldSlot): ViewTest {
  const { fold, read } = foldingOf(test, slot);
  const exact = new Set<string>();
  const others = tests.filter((_, i) => {
    const value = test.values[i];
    const texts = value.kind === 'pattern' ? value.forms.map(plainText) : [undefined];
    if (!texts.every((text) => text !== undefined)) return true;
    for (const text of texts) exact.add(fold(text));
    return false;
  });
  return (view) => {
    if (exact.size > 0) {
      const text = read(view);
      if (text !== undefined && exact.has(text)) return true;
    }
    for (const fits of others) if (fits(view)) return true;
    return false;
  };
}

function compileValue(
  value: Value,
  test: FieldTest,
  slot: FieldSlot,
  findSlot: (field: string) => FieldSlot,
): ViewTest {
  switch (value.kind) {
    case 'pattern': {
      const { fold, read } = foldingOf(test, slot);
      return onText(
        read,
        value.forms.map((form) => compilePattern(form, fold)),
      );
    }
    case 'regex':
      return onText((view) => view.value(slot), [compileRegex(value.source, value.flags)]);
    case 'cidr': {
      const cidr = parseCidr(value.cidr);
      return onText(
        (view) => view.value(slot),
        [
          (text) => {
            const address = parseAddressOrNothing(text);
            return address !== undefined && cidrContains(cidr, address);
          },
        ],
      );
    }
    case 'number': {
      const { datePart } = test;
      const read = (text: string) =>
        datePart !== undefined ? readDatePart(text, datePart) : text.trim() === '' ? undefined : Number(text);
      return onText(
        (view) => view.value(slot),
        [
          (text) => {
            const number = read(text);
            return number !== undefined && compare(number, value.comparison, value.number);
          },
        ],
      );
    }
    case 'exists':
      return (view) => (view.value(slot) !== undefined) === value.wanted;
    case 'null':
      return (view) => view.value(slot) === undefined;
    case 'field': {
      const mine = foldingOf(test, slot).read;
      const other = foldingOf(test, findSlot(value.name)).read;
      return (view) => {
        const text = mine(view);
        const wanted = other(view);
        return text !== undefined && wanted !== undefined && relates(text, value.relation, wanted);
      };
    }
  }
}

function onText(read: (view: RecordView) => string | undefined, tests: readonly TextTest[]): ViewTest {
  const [only] = tests;
  if (tests.length === 1) {
    return (view) => {
      const text = read(view);
      return text !== undefined && only(text);
    };
  }
  return (view) => {
    const text = read(view);
    return text !== undefined && tests.some((fits) => fits(text));
  };
}

/** How a rule's text and a record's are made alike before they are compared. */
function foldingOf({ cased, dashes }: FieldTest, slot: FieldSlot) {
  const foldDashes = (text: string) => (dashes ? text.replaceAll(DASHES, '-') : text);
  const fold = (text: string) => foldDashes(cased ? text : text.toLowerCase());
  const plain = cased ? (view: RecordView) => view.value(slot) : (view: RecordView) => view.lower(slot);
  const read = dashes
    ? (view: RecordView) => {
        const text = plain(view);
        return text === undefined ? undefined : foldDashes(text);
      }
    : plain;
  return { fold, read };
}

function compare(number: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case 'eq':
      return number === limit;
    case 'lt':
      return number < limit;
    case 'lte':
      return number <= limit;
    case 'gt':
      return number > limit;
    case 'gte':
      return number >= limit;
  }
}

function relates(text: string, relation: FieldRelation, other: string): boolean {
  switch (relation) {
    case 'equals':
      return text === other;
    case 'contains':
      return text.includes(other);
    case 'startswith':
      return text.startsWith(other);
    case 'endswith':
      return text.endsWith(other);
  }
}

/** One anchor for each form of the value, or undefined when a form has none. */
function anchorsOf(value: Value, test: FieldTest, slot: FieldSlot): Anchor[] | undefined {
  const literals =
    value.kind === 'pattern'
      ? value.forms.map((form) => longestLiteral(form, test.dashes))
      : value.kind === 'regex'
        ? [requiredText(value.source, value.flags).toLowerCase()]
        : [''];
  return literals.every((literal) => literal !== '') ? literals.map((literal) => ({ slot, literal })) : undefined;
}

/** The scanner knows characters below 128 only; a dash that may be another is none to look for. */
function longestLiteral(pieces: readonly Piece[], dashes: boolean): string {
  let longest = '';
  for (const piece of pieces) {
    if (!('text' in piece)) continue;
    for (const part of piece.text.toLowerCase().split(dashes ? /[-/]|[^\u0000-\u007f]/ : /[^\u0000-\u007f]/)) {
      if (part.length > longest.length) longest = part;
    }
  }
  return longest;
}

function describe(value: Value): string {
  switch (value.kind) {
    case 'pattern':
      return JSON.stringify(value.forms.length === 1 ? renderPattern(value.forms[0]) : value.forms.map(renderPattern));
    case 'regex':
      return `/${value.source}/${value.flags}`;
    case 'cidr':
      return value.cidr;
    case 'number':
      return `${value.comparison} ${value.number}`;
    case 'exists':
      return String(value.wanted);
    case 'null':
      return 'null';
    case 'field':
      return value.name;
  }
}
