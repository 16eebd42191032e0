// Traffic as a site has it, made from nothing: many flows at once, few of them large, a mix of sizes around 782 bytes.
import type { Tuple } from '../../../src/net/tuple.ts';
import type { CapturedPacket } from '../../../src/pcap/packet.ts';
import { type FrameEnds, PSH, renderTcpFrame, renderUdpFrame } from '../../../src/pcap/render-frame.ts';

/** wire lengths: 782 bytes in the mean, as in the appliance's other benches */
const SIZES: readonly { bytes: number; share: number }[] = [
  { bytes: 74, share: 0.42 },
  { bytes: 576, share: 0.13 },
  { bytes: 1514, share: 0.45 },
];
const FLOWS_AT_ONCE = 4000;
const INSIDE_HOSTS = 2000;
const OUTSIDE_HOSTS = 60_000;
const SERVER_PORTS = [443, 443, 443, 443, 80, 80, 53, 22, 25, 993, 8443, 3389];
const FIRST_NS = BigInt(Date.UTC(2026, 9, 1)) * 1_000_000n;
/** 10 GB in four hours */
const STEP_NS = 1_126_000n;
/** in one flow of so many: what the regular expression looks for */
const MARKED_FLOWS = 5000;
export const MARK = 'beacon-4711';

interface LiveFlow {
  tuple: Tuple;
  /** a whole frame of each size and direction */
  frames: Buffer[];
  left: number;
}

export class Traffic {
  /** of flows so far: a sample that is fair over all of them */
  readonly sample: { tuple: Tuple; timeNs: bigint }[] = [];
  #flows = 0;
  #nowNs = FIRST_NS;
  #state = 0x2545f491;
  readonly #live: LiveFlow[] = [];
  readonly #text = Buffer.alloc(64 * 1024);

  constructor() {
    for (let i = 0; i < this.#text.length; i++) this.#text[i] = 32 + this.#below(95);
    for (let i = 0; i < FLOWS_AT_ONCE; i++) this.#live.push(this.#openFlow());
  }

  get flows(): number {
    return this.#flows;
  }

  get nowNs(): bigint {
    return this.#nowNs;
  }

  /** The next packet; its data is valid until the next. */
  next(): CapturedPacket {
    const at = this.#below(this.#live.length);
    let flow = this.#live[at];
    if (flow.left-- === 0) {
      flow = this.#openFlow();
      this.#live[at] = flow;
    }
    this.#nowNs += STEP_NS;
    const roll = this.#random();
    const size = roll < SIZES[0].share ? 0 : roll < SIZES[0].share + SIZES[1].share ? 1 : 2;
    // acknowledgements go one way, what they acknowledge the other
    const data = flow.frames[size * 2 + (size === 0 ? this.#below(2) : 0)];
    return { timeNs: this.#nowNs, linkType: 1, capturedLength: data.length, originalLength: data.length, data };
  }

  #openFlow(): LiveFlow {
    const inside = `10.${this.#below(4)}.${this.#below(INSIDE_HOSTS / 4) >> 8}.${this.#below(250)}`;
    const outside = this.#below(Math.floor(Math.sqrt(OUTSIDE_HOSTS)));
    // the square of an even number: few servers have most of the flows
    const server = outside * this.#below(Math.floor(Math.sqrt(OUTSIDE_HOSTS)));
    const serverPort = SERVER_PORTS[this.#below(SERVER_PORTS.length)];
    const tuple: Tuple = {
      src: inside,
      srcPort: 1024 + this.#below(64_000),
      dst: `198.${18 + (server >> 16)}.${(server >> 8) & 255}.${server & 255}`,
      dstPort: serverPort,
      proto: serverPort === 53 ? 17 : 6,
    };
    this.#flows++;
    this.#keepSample(tuple);
    // Pareto: half the flows have six packets or fewer, one in a thousand has thousands
    const left = Math.min(20_000, Math.ceil(3.5 / (1 - this.#random()) ** 0.85));
    return { tuple, frames: this.#renderFrames(tuple), left };
  }

  #renderFrames(tuple: Tuple): Buffer[] {
    const there: FrameEnds = tuple;
    const back: FrameEnds = { src: tuple.dst, dst: tuple.src, srcPort: tuple.dstPort, dstPort: tuple.srcPort };
    return SIZES.flatMap(({ bytes }) =>
      [back, there].map((ends) => {
        const payload = this.#payload(bytes - (tuple.proto === 17 ? 42 : 54));
        if (tuple.proto === 17) return renderUdpFrame(ends, payload);
        return renderTcpFrame(ends, { seq: 1, ack: 1, flags: PSH, payload });
      }),
    );
  }

  #payload(bytes: number): Buffer {
    const at = this.#below(this.#text.length - bytes);
    const payload = this.#text.subarray(at, at + bytes);
    if (bytes < 100 || this.#flows % MARKED_FLOWS !== 0) return payload;
    return Buffer.concat([Buffer.from(MARK), payload.subarray(MARK.length)]);
  }

  #keepSample(tuple: Tuple): void {
    const kept = { tuple, timeNs: this.#nowNs };
    if (this.sample.length < 500) this.sample.push(kept);
    else {
      const at = this.#below(this.#flows);
      if (at < 500) this.sample[at] = kept;
    }
  }

  #random(): number {
    return this.#below(0x40000000) / 0x40000000;
  }

  /** xorshift32: the same traffic in every run */
  #below(limit: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % limit;
  }
}
