// Looks at the checksums of one packet in each block of the ring: some tens a second at any rate, so that it costs the
// capture thread nothing. Many wrong ones mean that the mirrored machines leave theirs to their network cards.
import { PacketKeyReader } from '../pcap/packet-key.ts';
import { hasRightChecksums } from '../pcap/verify-checksum.ts';
import { BLOCK_FIRST_PACKET, PACKET_CAPTURED, PACKET_MAC } from './block-rewriter.ts';

const ETHERNET = 1;

export class ChecksumSample {
  readonly #u16: Uint16Array;
  readonly #u32: Uint32Array;
  readonly #keys: PacketKeyReader;

  /** @param ring memory that the blocks lie in. */
  constructor(ring: ArrayBuffer) {
    this.#u16 = new Uint16Array(ring);
    this.#u32 = new Uint32Array(ring);
    this.#keys = new PacketKeyReader(ring);
  }

  /**
   * Of the first packet in a block as the kernel left it.
   * @returns undefined where nothing can be said of it, see hasRightChecksums()
   */
  take(block: number): boolean | undefined {
    const header = block + this.#u32[(block + BLOCK_FIRST_PACKET) >> 2];
    const frame = header + this.#u16[(header + PACKET_MAC) >> 1];
    this.#keys.read(frame, this.#u32[(header + PACKET_CAPTURED) >> 2], ETHERNET);
    return hasRightChecksums(this.#keys);
  }
}

const LEAST_CHECKED = 20;
const MOST_CHECKED = 2000;

/** The share of wrong ones among the last: what was long ago counts less and less. */
export class ChecksumShare {
  #checked = 0;
  #wrong = 0;

  add(checked: number, wrong: number): void {
    this.#checked += checked;
    this.#wrong += wrong;
    while (this.#checked > MOST_CHECKED) {
      this.#checked /= 2;
      this.#wrong /= 2;
    }
  }

  /** 0..1; undefined while too few were looked at. */
  get share(): number | undefined {
    return this.#checked < LEAST_CHECKED ? undefined : this.#wrong / this.#checked;
  }
}
