// The packets of one flow as a pcapng stream out of `mss packets`, which reads the packet log beside us.
import { Readable } from 'node:stream';
import { MssError } from '../../errors.ts';
import type { EveRecord } from '../../eve/record.ts';
import { hasPorts, parseProtocol } from '../../net/protocol-number.ts';
import { formatTuple } from '../../net/tuple.ts';
import { holdsPacket } from './first-packet.ts';

const HOUR_US = 3600e6;
const AT_ONCE = 2;
/** a stream without a packet in so much is passed on as it is */
const FIRST_BYTES = 1 << 20;

export interface PacketQuestion {
  /** as `--flow` reads it */
  flow: string;
  /** ISO 8601, an hour around the event */
  from: string;
  to: string;
}

/** A program at work. */
export interface RunningMss {
  stdout: Readable;
  /** settles when it is gone; never rejects */
  ended: Promise<{ code: number; stderr: string }>;
  stop(): void;
}

/** Starts `mss` with these arguments. */
export type StartMss = (args: readonly string[]) => RunningMss;

/** The question for the packets around an event. @throws MssError 'usage' for a record without a flow */
export function planQuestion(eve: EveRecord, timeUs: number): PacketQuestion {
  const { src_ip, dest_ip, proto } = eve;
  if (src_ip === undefined || dest_ip === undefined || proto === undefined) {
    throw new MssError('usage', 'this event names no flow, so it has no packets of its own');
  }
  const number = parseProtocol(proto);
  const [srcPort, dstPort] = hasPorts(number) ? [eve.src_port ?? 0, eve.dest_port ?? 0] : [0, 0];
  const iso = (us: number) => new Date(us / 1000).toISOString();
  return {
    flow: formatTuple({ src: src_ip, srcPort, dst: dest_ip, dstPort, proto: number }),
    from: iso(timeUs - HOUR_US),
    to: iso(timeUs + HOUR_US),
  };
}

export class PacketDownloads {
  readonly #start: StartMss;
  #running = 0;

  constructor(start: StartMss) {
    this.#start = start;
  }

  /**
   * The stream, once its first packet is there.
   * @param done called once, when all was sent or it ended early
   * @throws MssError 'not-found' saying why there are none, 'store' when the store failed or too many ask
   */
  async open(
    question: PacketQuestion,
    signal: AbortSignal,
    done: (bytes: number, result: string) => void,
  ): Promise<ReadableStream<Uint8Array>> {
    if (this.#running >= AT_ONCE) {
      throw new MssError('store', `${AT_ONCE} downloads of packets are running; try again in a moment`);
    }
    const { flow, from, to } = question;
    this.#running++;
    const child = this.#start(['packets', '--flow', flow, '--from', from, '--to', to, '-w', '-']);
    let bytes = 0;
    let over = false;
    const finish = (result: string) => {
      if (over) return;
      over = true;
      signal.removeEventListener('abort', leave);
      child.stop();
      this.#running--;
      done(bytes, result);
    };
    // A reader who goes before the first byte was read never has the stream below begin, nor end.
    const leave = () => finish('ended early');
    signal.addEventListener('abort', leave, { once: true });
    const output = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const head: Buffer[] = [];
    for (;;) {
      const next = await output.next();
      if (next.done === true) {
        const { code, stderr } = await child.ended;
        finish(code === 0 ? 'nothing found' : 'failed');
        throw new MssError(code === 0 ? 'not-found' : 'store', complaint(stderr));
      }
      head.push(next.value);
      bytes += next.value.length;
      if (holdsPacket(Buffer.concat(head)) || bytes > FIRST_BYTES) break;
    }
    async function* rest(): AsyncGenerator<Buffer> {
      let result = 'ended early';
      try {
        yield* head;
        for (let next = await output.next(); next.done !== true; next = await output.next()) {
          bytes += next.value.length;
          yield next.value;
        }
        const { code, stderr } = await child.ended;
        if (code !== 0) throw new MssError('store', complaint(stderr)); // cuts the connection: the file is not whole
        result = 'whole';
      } finally {
        finish(result);
      }
    }
    return Readable.toWeb(Readable.from(rest(), { objectMode: false })) as ReadableStream<Uint8Array>;
  }
}

/** What `mss packets` said, without its own name before it. */
function complaint(stderr: string): string {
  const text = stderr.replaceAll(/^mss: /gm, '').replaceAll(/\s*\n\s*/g, ' ');
  return text === '' ? 'mss packets said nothing about why' : text;
}
