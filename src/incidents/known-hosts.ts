// Profiles by host, in order of their last touch: those touched lately as they are, the others packed.
import { packProfile, unpackProfile } from './pack-profile.ts';
import { Profile } from './profile.ts';

export class KnownHosts {
  readonly #awake = new Map<string, Profile>();
  /** all touched before those awake */
  readonly #packed = new Map<string, string>();
  readonly #maxAwakeSteps: number;
  #awakeSteps = 0;
  #packedBytes = 0;

  /** @param maxAwakeSteps of all hosts that are not packed; the one touched last never is */
  constructor(maxAwakeSteps: number) {
    this.#maxAwakeSteps = maxAwakeSteps;
  }

  get size(): number {
    return this.#awake.size + this.#packed.size;
  }

  get packedBytes(): number {
    return this.#packedBytes;
  }

  has(host: string): boolean {
    return this.#awake.has(host) || this.#packed.has(host);
  }

  /** The profile of a host, to read it only: what is changed in it may be lost. */
  get(host: string): Profile | undefined {
    return this.#awake.get(host) ?? this.#unpack(host);
  }

  /** The profile of a host, removed until it is put again. */
  take(host: string): Profile | undefined {
    const profile = this.get(host);
    if (profile !== undefined) this.#remove(host);
    return profile;
  }

  /** Takes a profile whose host is not known here. */
  put(profile: Profile): void {
    this.#awake.set(profile.state.host, profile);
    this.#awakeSteps += profile.state.events.length;
    while (this.#awakeSteps > this.#maxAwakeSteps && this.#awake.size > 1) this.#packOldest();
  }

  giveUpOldest(): void {
    const [oldest] = (this.#packed.size > 0 ? this.#packed : this.#awake).keys();
    this.#remove(oldest);
  }

  *newestFirst(): Generator<Profile> {
    yield* [...this.#awake.values()].reverse();
    for (const host of [...this.#packed.keys()].reverse()) yield this.#unpack(host)!;
  }

  #packOldest(): void {
    const [[host, { state }]] = this.#awake;
    this.#remove(host);
    const packed = packProfile(state);
    this.#packed.set(host, packed);
    this.#packedBytes += packed.length;
  }

  #remove(host: string): void {
    this.#awakeSteps -= this.#awake.get(host)?.state.events.length ?? 0;
    this.#packedBytes -= this.#packed.get(host)?.length ?? 0;
    this.#awake.delete(host);
    this.#packed.delete(host);
  }

  #unpack(host: string): Profile | undefined {
    const packed = this.#packed.get(host);
    return packed === undefined ? undefined : new Profile(unpackProfile(host, packed));
  }
}
