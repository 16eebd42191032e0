// Decides about one frame, and sends what ends its conversation: within the rate, never towards what is protected.
import type { BlockReport } from '../api/block.ts';
import { formatAddress } from '../net/address.ts';
import { formatProtocol } from '../net/protocol-number.ts';
import { renderTarget } from '../respond/soft-ips/block-entry.ts';
import type { Block, BlockList } from '../respond/soft-ips/block-list.ts';
import { type Conversation, parsePacket } from '../respond/soft-ips/parse-packet.ts';
import type { Protected } from '../respond/soft-ips/protected.ts';
import { renderCut } from '../respond/soft-ips/render-cut.ts';

export interface CutterOptions {
  simulate: boolean;
  perSecond: number;
  send: (packet: Uint8Array, dst: Uint8Array) => boolean;
  /** told once a minute and conversation */
  report: (report: BlockReport) => void;
}

const REPORT_EVERY_MS = 60_000;
const MAX_REPORTED = 1000;

export class Cutter {
  /** monotonic, for the status */
  readonly counters = {
    cutPackets: 0,
    simulatedPackets: 0,
    protectedPackets: 0,
    rateLimitedPackets: 0,
    unsentPackets: 0,
  };
  options: CutterOptions;
  #second = 0;
  #sentThisSecond = 0;
  #reported = new Map<string, number>();

  constructor(options: CutterOptions) {
    this.options = options;
  }

  take(frame: Uint8Array, blocks: BlockList, safe: Protected, nowMs: number): void {
    const conversation = parsePacket(frame);
    if (conversation === undefined) return;
    const block = blocks.find(conversation.src, conversation.dst);
    if (block === undefined) return;
    if (safe.has(conversation.src) || safe.has(conversation.dst)) {
      this.counters.protectedPackets++;
      return;
    }
    const packets = renderCut(conversation);
    if (packets.length === 0) return;
    if (this.options.simulate) this.counters.simulatedPackets += packets.length;
    else for (const { bytes, dst } of packets) this.#send(bytes, dst, nowMs);
    this.#report(conversation, block, nowMs);
  }

  #send(bytes: Uint8Array, dst: Uint8Array, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#sentThisSecond = 0;
    }
    if (this.#sentThisSecond >= this.options.perSecond) {
      this.counters.rateLimitedPackets++;
      return;
    }
    this.#sentThisSecond++;
    if (this.options.send(bytes, dst)) this.counters.cutPackets++;
    else this.counters.unsentPackets++;
  }

  #report({ src, dst, srcPort, dstPort, proto }: Conversation, block: Block, nowMs: number): void {
    const ends = [
      [formatAddress(src), srcPort],
      [formatAddress(dst), dstPort],
    ].map(([address, port]) => (String(address).includes(':') ? `[${address}]:${port}` : `${address}:${port}`));
    const key = `${proto} ${[...ends].sort().join(' ')}`;
    const last = this.#reported.get(key);
    if (last !== undefined && nowMs - last < REPORT_EVERY_MS && nowMs >= last) return;
    this.#reported.delete(key);
    this.#reported.set(key, nowMs);
    // the oldest goes: it is told once more at the worst
    if (this.#reported.size > MAX_REPORTED) this.#reported.delete(this.#reported.keys().next().value!);
    this.options.report({
      action: this.options.simulate ? 'would-cut' : 'cut',
      remote: renderTarget(block.target),
      host: block.host,
      why: block.why,
      flow: `${formatProtocol(proto)} ${ends.join(' -> ')}`,
    });
  }
}
