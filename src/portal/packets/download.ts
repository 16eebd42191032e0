// Packets as a stream out of `mss packets`, which reads the packet log beside us: few at once, watched, and cancelled.
import { Readable } from 'node:stream';
import { MssError } from '../../errors.ts';
import { holdsPacket } from './first-packet.ts';
import { type PacketQuestion, renderArguments } from './question.ts';

const AT_ONCE = 2;
/** a stream without a packet in so much is passed on as it is */
const FIRST_BYTES = 1 << 20;

/** A program at work. */
export interface RunningMss {
  stdout: Readable;
  /** settles when it is gone; never rejects */
  ended: Promise<{ code: number; stderr: string }>;
  stop(): void;
}

/** Starts `mss` with these arguments. @param takeLine is given what it says on standard error; true: that was for us */
export type StartMss = (args: readonly string[], takeLine: (line: string) => boolean) => RunningMss;

export interface DownloadProgress {
  /** what `mss packets --progress` said last, or an empty object */
  said: unknown;
  bytes: number;
}

interface Running extends DownloadProgress {
  owner: string;
  cancel(): void;
}

export class PacketDownloads {
  readonly #start: StartMss;
  readonly #running = new Set<Running>();
  readonly #named = new Map<string, Running>();

  constructor(start: StartMss) {
    this.#start = start;
  }

  /**
   * The stream, once its first packet (or text, or file) is there.
   * @param by who asks, and the name by which that account may watch and cancel it
   * @param done called once, when all was sent or it ended early
   * @throws MssError 'not-found' saying why there are none, 'store' when the store failed or too many ask
   */
  async open(
    question: PacketQuestion,
    signal: AbortSignal,
    done: (bytes: number, result: string) => void,
    by: { owner: string; name?: string } = { owner: '' },
  ): Promise<ReadableStream<Uint8Array>> {
    if (this.#running.size >= AT_ONCE) {
      throw new MssError('store', `${AT_ONCE} downloads of packets are running; try again in a moment`);
    }
    const running: Running = { owner: by.owner, said: {}, bytes: 0, cancel: () => leave('cancelled') };
    if (by.name !== undefined && this.#named.has(by.name)) {
      throw new MssError('usage', `a download with the id ${by.name} is running: choose another id`);
    }
    this.#running.add(running);
    if (by.name !== undefined) this.#named.set(by.name, running);
    const child = this.#start(renderArguments(question), (line) => takeProgress(line, running));
    let over = false;
    const finish = (result: string) => {
      if (over) return;
      over = true;
      signal.removeEventListener('abort', abort);
      child.stop();
      this.#running.delete(running);
      if (by.name !== undefined) this.#named.delete(by.name);
      done(running.bytes, result);
    };
    let leftBecause = '';
    // A reader who goes before the first byte was read never has the stream below begin, nor end.
    const leave = (why: string) => {
      leftBecause = why;
      finish(why);
    };
    const abort = () => leave('ended early');
    signal.addEventListener('abort', abort, { once: true });
    const output = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const head: Buffer[] = [];
    for (;;) {
      const next = await output.next();
      if (next.done === true) {
        const { code, stderr } = await child.ended;
        if (leftBecause !== '') throw new MssError('store', `the download was ${leftBecause}`);
        finish(code === 0 ? 'nothing found' : 'failed');
        throw new MssError(code === 0 ? 'not-found' : 'store', complaint(stderr));
      }
      head.push(next.value);
      running.bytes += next.value.length;
      if (question.form !== 'pcapng' || running.bytes > FIRST_BYTES || holdsPacket(Buffer.concat(head))) break;
    }
    async function* rest(): AsyncGenerator<Buffer> {
      let result = 'ended early';
      try {
        yield* head;
        for (let next = await output.next(); next.done !== true; next = await output.next()) {
          running.bytes += next.value.length;
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

  /** How far a download of this account is; undefined when there is none of this name (any more). */
  progress(owner: string, name: string): DownloadProgress | undefined {
    const running = this.#named.get(name);
    return running?.owner === owner ? { said: running.said, bytes: running.bytes } : undefined;
  }

  /** Ends a download of this account. @returns whether there was one */
  cancel(owner: string, name: string): boolean {
    const running = this.#named.get(name);
    if (running?.owner !== owner) return false;
    running.cancel();
    return true;
  }
}

function takeProgress(line: string, running: Running): boolean {
  if (!line.startsWith('{')) return false;
  try {
    running.said = JSON.parse(line) as unknown;
    return true;
  } catch {
    return false;
  }
}

/** What `mss packets` said, without its own name before it. */
function complaint(stderr: string): string {
  const text = stderr.replaceAll(/^mss: /gm, '').replaceAll(/\s*\n\s*/g, ' ');
  return text === '' ? 'mss packets said nothing about why' : text;
}
