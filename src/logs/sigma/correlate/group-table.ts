// What a correlation remembers of each group (a user, an address, ...): bounded, the group that was quiet longest goes
// first.

/** One group's memory. */
export interface GroupState {
  /** newest record time in it */
  lastUs: number;
  /** how many things it remembers */
  readonly size: number;
}

/** Keys longer than this are cut: they come from the network, and are kept. */
const MAX_KEY_CHARS = 1024;
/** More than one, so that they end faster than they begin; few, so that one record with a wrong clock ends few. */
const ENDED_AT_ONCE = 2;

export class GroupTable<State extends GroupState> {
  readonly #create: () => State;
  readonly #spanUs: number;
  readonly #maxEntries: number;
  /** in the order in which they were touched last */
  readonly #groups = new Map<string, State>();
  #entries = 0;
  /** groups that were forgotten for want of room before their time was over */
  droppedGroups = 0;

  constructor(create: () => State, spanUs: number, maxEntries: number) {
    this.#create = create;
    this.#spanUs = spanUs;
    this.#maxEntries = maxEntries;
  }

  get groups(): ReadonlyMap<string, State> {
    return this.#groups;
  }

  /**
   * Shows the group's state to `change`; a new one where there is none, or where its time is over.
   * @param timeUs record time of what happened
   */
  update<T>(key: string, timeUs: number, change: (state: State, isNew: boolean) => T): T {
    const cut = key.length > MAX_KEY_CHARS ? key.slice(0, MAX_KEY_CHARS) : key;
    const known = this.#groups.get(cut);
    const isNew = known === undefined || timeUs - known.lastUs > this.#spanUs;
    const state = isNew ? this.#create() : known;
    if (known !== undefined) this.#remove(cut, known);
    const result = change(state, isNew);
    state.lastUs = isNew ? timeUs : Math.max(state.lastUs, timeUs);
    this.#groups.set(known === undefined ? copyOf(cut) : cut, state);
    this.#entries += 1 + state.size;
    this.#makeRoom(timeUs);
    return result;
  }

  /** Puts a remembered group back. */
  restore(key: string, state: State): void {
    this.#groups.set(key, state);
    this.#entries += 1 + state.size;
    this.#makeRoom(state.lastUs);
  }

  #makeRoom(nowUs: number): void {
    let mayEnd = ENDED_AT_ONCE;
    for (const [key, state] of this.#groups) {
      const isOver = nowUs - state.lastUs > this.#spanUs;
      if (this.#entries <= this.#maxEntries && !(isOver && mayEnd-- > 0)) return;
      // the group that was touched just now stays, however large
      if (this.#groups.size === 1) return;
      this.#remove(key, state);
      if (!isOver) this.droppedGroups++;
    }
  }

  #remove(key: string, state: State): void {
    this.#groups.delete(key);
    this.#entries -= 1 + state.size;
  }
}

/** A part of a string keeps the whole alive in V8, here a whole message for a user's name. */
export const copyOf = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');
