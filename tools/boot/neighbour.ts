// A station of our own on the machine's management network, as a neighbour in the same rack would be: tries every port
// from outside. It has no TCP stack: frames out, frames in, and ARP so that the machine can answer.
import { formatAddress, parseAddress } from '../../src/net/address.ts';
import { TCP, UDP } from '../../src/net/protocol-number.ts';
import { ACK, RST, renderTcpFrame, renderUdpFrame, SYN } from '../../src/pcap/render-frame.ts';
import type { FrameSocket } from './frame-socket.ts';
import { MANAGEMENT_MAC } from './machine-args.ts';

const MACHINE = Buffer.from(MANAGEMENT_MAC.replaceAll(':', ''), 'hex');
const ICMP = 1;
const ARP = 0x0806;
const IPV4 = 0x0800;
/** fewer than the machine's interface has room for, so that none is lost */
const BATCH = 100;
const ANSWER_MS = 5000;
const TRIES = 20;

/** What came back, by protocol; silence is what a closed firewall answers. */
export interface PortAnswers {
  /** TCP ports that took the connection */
  accepted: number[];
  /** TCP ports that said no, and UDP ports that a "port unreachable" came for: open in the firewall, nobody there */
  refused: number[];
  /** UDP ports that sent something back */
  spoke: number[];
}

/** `address` of the machine; `own`, free in the same network; `knownPort`, a TCP port that is open. */
export interface NeighbourOptions {
  address: string;
  own: string;
  knownPort: number;
}

export class Neighbour {
  readonly #wire: FrameSocket;
  readonly #options: NeighbourOptions;
  #answers: PortAnswers = { accepted: [], refused: [], spoke: [] };
  #sourcePort = 20_000;
  #onAccepted: ((destinationPort: number) => void) | undefined;

  constructor(wire: FrameSocket, options: NeighbourOptions) {
    this.#wire = wire;
    this.#options = options;
  }

  /** Sends a SYN to every given TCP port. */
  async scanTcp(ports: Iterable<number>): Promise<PortAnswers> {
    return await this.#scan(ports, (port) =>
      renderTcpFrame(this.#ends(port, this.#sourcePort), { seq: 1, ack: 0, flags: SYN }),
    );
  }

  /** Sends a datagram to every given UDP port. */
  async scanUdp(ports: Iterable<number>, payload: (port: number) => Uint8Array): Promise<PortAnswers> {
    return await this.#scan(ports, (port) => renderUdpFrame(this.#ends(port, this.#sourcePort), payload(port)));
  }

  #ends(dstPort: number, srcPort: number) {
    return { src: this.#options.own, dst: this.#options.address, srcPort, dstPort };
  }

  async #scan(ports: Iterable<number>, render: (port: number) => Buffer): Promise<PortAnswers> {
    this.#answers = { accepted: [], refused: [], spoke: [] };
    this.#sourcePort++;
    this.#wire.onFrame = (frame) => void this.#hear(frame);
    let batch = 0;
    for (const port of ports) {
      await this.#send(render(port));
      if (++batch % BATCH === 0) await this.#waitUntilThrough();
    }
    // What the last answers were waiting for (an address resolution, say) is over after two more round trips.
    for (let turn = 0; turn < 2; turn++) await this.#waitUntilThrough();
    this.#wire.onFrame = undefined;
    const sorted = (list: number[]) => [...new Set(list)].sort((a, b) => a - b);
    const { accepted, refused, spoke } = this.#answers;
    return { accepted: sorted(accepted), refused: sorted(refused), spoke: sorted(spoke) };
  }

  /** Frames arrive in order: once the known port has answered, all before have been looked at. */
  async #waitUntilThrough(): Promise<void> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const markPort = 30_000 + Math.floor(Math.random() * 30_000);
      const answered = new Promise<boolean>((done) => {
        const timer = setTimeout(() => done(false), ANSWER_MS);
        this.#onAccepted = (port) => {
          if (port !== markPort) return;
          clearTimeout(timer);
          done(true);
        };
      });
      await this.#send(renderTcpFrame(this.#ends(this.#options.knownPort, markPort), { seq: 1, ack: 0, flags: SYN }));
      if (await answered) return;
    }
    throw new Error(`port ${this.#options.knownPort} of ${this.#options.address}, which is open, does not answer`);
  }

  async #send(frame: Buffer): Promise<void> {
    frame.set(MACHINE, 0);
    await this.#wire.send(frame);
  }

  async #hear(frame: Buffer): Promise<void> {
    if (!frame.subarray(6, 12).equals(MACHINE)) return;
    const type = frame.readUInt16BE(12);
    if (type === ARP) await this.#answerArp(frame);
    if (type !== IPV4) return;
    const address = (at: number) => formatAddress(frame.subarray(at, at + 4));
    if (address(26) !== this.#options.address || address(30) !== this.#options.own) return;
    const proto = frame[23];
    const at = 14 + (frame[14] & 15) * 4;
    if (proto === TCP) await this.#hearTcp(frame.subarray(at));
    else if (proto === UDP && frame.readUInt16BE(at + 2) === this.#sourcePort) {
      this.#answers.spoke.push(frame.readUInt16BE(at));
    } else if (proto === ICMP && frame[at] === 3) {
      // RFC 792: the header of what was refused follows, and its first eight bytes
      const inner = at + 8;
      this.#answers.refused.push(frame.readUInt16BE(inner + (frame[inner] & 15) * 4 + 2));
    }
  }

  async #hearTcp(segment: Buffer): Promise<void> {
    const [port, ownPort] = [segment.readUInt16BE(0), segment.readUInt16BE(2)];
    const flags = segment[13];
    if (flags === (SYN | ACK)) {
      // No half-open connection stays behind.
      const ack = segment.readUInt32BE(8);
      await this.#send(renderTcpFrame(this.#ends(port, ownPort), { seq: ack, ack: 0, flags: RST }));
      if (ownPort === this.#sourcePort) this.#answers.accepted.push(port);
      else this.#onAccepted?.(ownPort);
    } else if ((flags & RST) !== 0 && ownPort === this.#sourcePort) {
      this.#answers.refused.push(port);
    }
  }

  /** RFC 826: who has our address? We have. */
  async #answerArp(request: Buffer): Promise<void> {
    const own = Buffer.from(parseAddress(this.#options.own));
    if (request.readUInt16BE(20) !== 1 || !request.subarray(38, 42).equals(own)) return;
    const mac = Buffer.concat([Buffer.from([2, 0]), own]);
    const reply = Buffer.concat([request.subarray(6, 12), mac, request.subarray(12, 20), Buffer.from([0, 2])]);
    await this.#wire.send(Buffer.concat([reply, mac, own, request.subarray(22, 32)]));
  }
}
