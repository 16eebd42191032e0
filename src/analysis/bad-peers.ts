// Addresses that a list of known bad ones, or a rule made of such a list, spoke of lately: what else is seen of them
// ranks higher. Bounded; those not spoken of for longest are forgotten.
import { BoundedMap } from '../detect/bounded-map.ts';
import type { EveRecord } from '../eve/record.ts';

const MAX_PEERS = 20_000;
const REMEMBERED_US = 24 * 3600 * 1_000_000;
// rules about addresses; those about names tell of the server asked, which may be a resolver or a proxy
const ABOUT_ADDRESS = /^(MSS KNOWN-BAD (address|network)|ET (DROP|CINS|COMPROMISED|CIARMY|BOTCC|3CORESec))\b/;

export class BadPeers {
  readonly #seenUs = new BoundedMap<number>(MAX_PEERS);
  readonly #isHome: (address: string) => boolean;

  /** @param isHome our own side of an alert is never the bad one */
  constructor(isHome: (address: string) => boolean) {
    this.#isHome = isHome;
  }

  /** Learns from an alert. */
  note({ alert, src_ip, dest_ip }: EveRecord, timeUs: number): void {
    if (alert === undefined || !ABOUT_ADDRESS.test(String(alert.signature))) return;
    for (const end of [src_ip, dest_ip]) if (end !== undefined && !this.#isHome(end)) this.#seenUs.set(end, timeUs);
  }

  /** Which of these ends is one of them at this time. */
  find(ends: readonly (string | undefined)[], timeUs: number): string | undefined {
    return ends.find((end) => end !== undefined && timeUs - (this.#seenUs.get(end) ?? -Infinity) <= REMEMBERED_US);
  }
}
