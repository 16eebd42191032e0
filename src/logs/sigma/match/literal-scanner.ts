// Finds which of many literals a text holds, in one pass whatever their number.
// Aho and Corasick, "Efficient string matching: an aid to bibliographic search", CACM 18 (1975).

/** Literals beyond this length are sought by their beginning: it bounds the table, and misses no text that holds them. */
const MAX_LITERAL_CHARS = 16;
const CODES = 128;

export class LiteralScanner {
  /** class of each character code below 128; all others are of class 0, which no literal has */
  readonly #classes: Uint8Array;
  readonly #classCount: number;
  /** by state + class: the next state, times two, plus one where literals end there; states are multiples of classCount */
  readonly #next: Int32Array;
  /** by state: the numbers of the literals that end there */
  readonly #ends: Int32Array[];

  /** @param literals of characters below 128, none of them empty */
  constructor(literals: readonly string[]) {
    const cut = literals.map((literal) => literal.slice(0, MAX_LITERAL_CHARS));
    this.#classes = new Uint8Array(CODES);
    let classCount = 1;
    for (const literal of cut) {
      for (let i = 0; i < literal.length; i++) {
        const code = literal.charCodeAt(i);
        if (this.#classes[code] === 0) this.#classes[code] = classCount++;
      }
    }
    this.#classCount = classCount;
    const { children, ends } = buildTrie(cut, this.#classes, classCount);
    this.#next = linkStates(children, ends, classCount);
    this.#ends = ends.map((numbers) => Int32Array.from(numbers));
  }

  /** Appends the numbers of all literals that `text` holds to `found`, some perhaps more than once. */
  scan(text: string, found: number[]): void {
    const next = this.#next;
    const classes = this.#classes;
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      const step = next[state + (code < CODES ? classes[code] : 0)];
      state = step >>> 1;
      if ((step & 1) === 1) for (const literal of this.#ends[state / this.#classCount]) found.push(literal);
    }
  }
}

/** The literals as a tree: by state + class the child, or -1; by state the literals that end there. */
function buildTrie(literals: readonly string[], classes: Uint8Array, classCount: number) {
  const mostStates = literals.reduce((sum, { length }) => sum + length, 1);
  const children = new Int32Array(mostStates * classCount).fill(-1);
  const ends: number[][] = [[]];
  for (const [number, literal] of literals.entries()) {
    let state = 0;
    for (let i = 0; i < literal.length; i++) {
      const at = state * classCount + classes[literal.charCodeAt(i)];
      if (children[at] === -1) children[at] = ends.push([]) - 1;
      state = children[at];
    }
    ends[state].push(number);
  }
  return { children: children.subarray(0, ends.length * classCount), ends };
}

/** Breadth first: where a state has no child, it goes where the longest end of its text goes. */
function linkStates(children: Int32Array, ends: number[][], classCount: number): Int32Array {
  const target = new Int32Array(children.length);
  const fallback = new Int32Array(ends.length);
  const queue = [0];
  for (const state of queue) {
    for (let at = 0; at < classCount; at++) {
      const child = children[state * classCount + at];
      const other = state === 0 ? 0 : target[fallback[state] * classCount + at];
      if (child === -1) {
        target[state * classCount + at] = other;
        continue;
      }
      target[state * classCount + at] = child;
      fallback[child] = other;
      ends[child].push(...ends[other]);
      queue.push(child);
    }
  }
  return target.map((state) => ((state * classCount) << 1) | (ends[state].length > 0 ? 1 : 0));
}
