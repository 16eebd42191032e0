// Syslog seen on the promiscuous interfaces: each UDP message to one of the ports into a spool stream of its own, for
// syslog-x. The packets come through sockets whose filter the kernel runs: the capture thread has no part in it, nor do
// the store and what is left out of it.
import { messageOf } from '../../errors.ts';
import { TapSocket } from '../../os/tap-socket.ts';
import { SpoolWriter } from '../../spool/writer.ts';
import { FragmentTable } from './fragment-table.ts';
import { planLogFilter } from './plan-log-filter.ts';
import { readDatagram, readDatagramPart } from './read-datagram.ts';

const POLL_MS = 100;
const RETRY_MS = 5000;
/** read in one go; then whoever waits for the thread has his turn */
const MOST_FRAMES = 2000;
/** of a message some 1 kB counts: what comes in a tenth of a second, eighty thousand times a second */
const RECEIVE_BUFFER_BYTES = 8 << 20;
/** the longest IP packet, with its link header and tags */
const LONGEST_FRAME_BYTES = 65_535 + 26;
const SPOOL_BYTES = 64 << 20;

export interface SniffPlan {
  interfaces: readonly { name: string; interfaceIndex: number }[];
  ports: readonly number[];
}

export class LogSniffer {
  readonly #spoolDir: string;
  readonly #warn: (text: string) => void;
  readonly #counts = {
    /** UDP messages to the ports */
    sniffedLogs: 0,
    /** packets that came faster than they were read, and messages that the disk refused */
    droppedSniffedLogs: 0,
    /** those of which not every fragment was seen, and those shorter than they say */
    brokenSniffedLogs: 0,
  };
  #wanted = '';
  #taps: TapSocket[] = [];
  #spool: SpoolWriter | undefined;
  #fragments = new FragmentTable([]);
  #timer: NodeJS.Timeout | undefined;
  #retryAtMs = 0;
  #warned = '';

  constructor(spoolDir: string, warn: (text: string) => void) {
    this.#spoolDir = spoolDir;
    this.#warn = warn;
  }

  get counts(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  /** Listens as planned from now on; undefined: not at all. Called again and again. */
  follow(plan: SniffPlan | undefined): void {
    const wanted = plan === undefined || plan.ports.length * plan.interfaces.length === 0 ? '' : JSON.stringify(plan);
    if (wanted === this.#wanted || performance.now() < this.#retryAtMs) return;
    this.close();
    if (wanted === '') return;
    try {
      this.#spool = new SpoolWriter(this.#spoolDir, { maxBytes: SPOOL_BYTES });
      const program = planLogFilter(plan!.ports);
      const options = { longestBytes: LONGEST_FRAME_BYTES, receiveBufferBytes: RECEIVE_BUFFER_BYTES };
      for (const { name } of plan!.interfaces) this.#taps.push(new TapSocket(name, program, options));
      this.#fragments = new FragmentTable(plan!.ports);
      this.#wanted = wanted;
      this.#warned = '';
      this.#turn();
    } catch (error) {
      this.close();
      this.#retryAtMs = performance.now() + RETRY_MS;
      this.#warnOnce(`logs on the mirror are not read: ${messageOf(error)}`);
    }
  }

  /** Listens no more; what was read is in the spool. */
  close(): void {
    clearTimeout(this.#timer);
    if (this.#wanted !== '') this.#read();
    for (const tap of this.#taps) tap.close();
    this.#taps = [];
    this.#spool?.close();
    this.#spool = undefined;
    this.#wanted = '';
  }

  #turn(): void {
    const isMore = this.#read();
    const failure = this.#spool?.flush();
    if (failure !== undefined) this.#warnOnce(failure);
    this.#timer = setTimeout(() => this.#turn(), isMore ? 0 : POLL_MS);
  }

  /** @returns whether there is more to read at once */
  #read(): boolean {
    const spool = this.#spool!;
    const timeUs = Date.now() * 1000;
    const refused = spool.droppedRecords;
    const broken = this.#fragments.brokenDatagrams;
    let isMore = false;
    for (const tap of this.#taps) {
      let left = MOST_FRAMES;
      for (let frame = tap.read(); frame !== undefined; frame = left-- > 0 ? tap.read() : undefined) {
        this.#take(frame, timeUs, spool);
      }
      isMore ||= left < 0;
      this.#counts.droppedSniffedLogs += tap.takeDrops();
    }
    this.#fragments.expire(timeUs / 1000);
    this.#counts.brokenSniffedLogs += this.#fragments.brokenDatagrams - broken;
    this.#counts.droppedSniffedLogs += spool.droppedRecords - refused;
    return isMore;
  }

  #take(frame: Buffer, timeUs: number, spool: SpoolWriter): void {
    const part = readDatagramPart(frame);
    if (part === undefined) {
      this.#counts.brokenSniffedLogs++;
      return;
    }
    const { fragment } = part;
    const whole = fragment === undefined ? part : this.#fragments.add({ ...part, fragment }, timeUs / 1000);
    if (whole === undefined) return;
    const datagram = readDatagram(whole);
    if (datagram === undefined) {
      this.#counts.brokenSniffedLogs++;
      return;
    }
    const { source, destination, port, payload } = datagram;
    const text = payload.toString('latin1');
    spool.append({ type: 'datagram', timeUs, datagram: { source, destination, port, text } });
    this.#counts.sniffedLogs++;
  }

  #warnOnce(text: string): void {
    if (text !== this.#warned) this.#warn(text);
    this.#warned = text;
  }
}
