// Which addresses outside several of our hosts talk to, by their flows. Bounded, see Popularity.
import type { IsHome } from '../detect/detector.ts';
import { Popularity } from '../detect/popularity.ts';
import type { EveRecord } from '../eve/record.ts';

const MAX_ADDRESSES = 50_000;
/** so many hosts with nothing against them, and what two infected ones also talk to says nothing of who is behind it */
const MANY_QUIET = 4;

export class SharedEnds {
  readonly #users = new Popularity(MAX_ADDRESSES);
  readonly #isHome: IsHome;

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  /** Takes a flow record; others say nothing. */
  note({ event_type, src_ip, dest_ip }: EveRecord): void {
    if (event_type !== 'flow' || src_ip === undefined || dest_ip === undefined) return;
    if (this.#isHome(src_ip)) this.#users.note(dest_ip, src_ip);
  }

  /** @param isQuiet whether nothing is known of a host */
  isShared(address: string, isQuiet: (host: string) => boolean): boolean {
    return this.#users.of(address).filter(isQuiet).length >= MANY_QUIET;
  }
}
