// Forwards a spool stream, as syslog messages, to another server. The stream is the queue: while the server is down it
// fills, and a bookmark says what has arrived. What was sent shortly before a connection broke is sent again.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { SensorEvent } from '../../api/event.ts';
import { messageOf } from '../../errors.ts';
import { writeFileAtomic } from '../../os/atomic-file.ts';
import { openSyslog, type SyslogSender, type SyslogTarget } from '../../os/syslog/sender.ts';
import { type Bookmark, parseBookmark } from '../../spool/bookmark.ts';
import { readBatch } from '../../spool/reader.ts';

const IDLE_MS = 200;
const RETRY_MS = 5000;
/** what the kernel took and nobody complained about for this long has arrived */
const SETTLED_MS = 2000;
const END_MS = 1000;

export interface ForwarderOptions {
  spoolDir: string;
  /** the stream's name, as gaps tell it */
  stream: string;
  /** the message of a record; undefined: it is not for that server */
  render: (event: SensorEvent) => string | undefined;
  bookmarkFile: string;
  /** number of the record where forwarding begins when it never did before */
  firstRecord: () => number;
  retryMs?: number;
}

export class Forwarder {
  sentMessages = 0;
  /** messages that the spool gave up while the server was down */
  lostMessages = 0;
  readonly #options: ForwarderOptions;
  #broken: string | undefined;
  #unkept: string | undefined;
  /** number behind the last record that was counted as lost: a gap may be met again */
  #lostTo = 0;
  #target: SyslogTarget | undefined;
  #sender: SyslogSender | undefined;
  /** what has arrived, and what was sent */
  #kept: Bookmark | undefined;
  #place: Bookmark | undefined;
  #settling: { place: Bookmark; sentMs: number } | undefined;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** Why nothing is forwarded though it should be, or it cannot be kept what was. */
  get problem(): string | undefined {
    return this.#broken ?? this.#unkept;
  }

  /** Where to forward from now on; undefined: nowhere. */
  configure(target: SyslogTarget | undefined): void {
    if (JSON.stringify(target) === JSON.stringify(this.#target)) return;
    this.#target = target;
    this.#broken = undefined;
    const sender = this.#sender;
    this.#drop();
    void sender?.end(END_MS);
  }

  /** Forwards until `signal`. */
  async run(signal: AbortSignal): Promise<void> {
    const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
    while (!signal.aborted) {
      if (this.#target === undefined) {
        await pause(IDLE_MS);
        continue;
      }
      // before there is a server: what comes while it has never answered waits for it, too
      this.#kept ??= this.#load();
      try {
        this.#sender ??= await openSyslog(this.#target);
        const isIdle = await this.#step(this.#sender);
        this.#broken = undefined;
        if (isIdle) await pause(IDLE_MS);
      } catch (error) {
        this.#broken = messageOf(error);
        const sender = this.#sender;
        this.#drop();
        void sender?.end(END_MS);
        await pause(this.#options.retryMs ?? RETRY_MS);
      }
    }
    if (this.#sender !== undefined && (await this.#sender.end(END_MS)) && this.#place !== undefined) {
      this.#keep(this.#place);
    }
  }

  /** Sends the next batch. @returns whether there was none */
  async #step(sender: SyslogSender): Promise<boolean> {
    this.#place ??= this.#kept!;
    if (this.#settling !== undefined && performance.now() - this.#settling.sentMs >= SETTLED_MS) {
      if (sender.failure === undefined) this.#keep(this.#settling.place);
      this.#settling = undefined;
    }
    const { spoolDir, stream, render } = this.#options;
    const { records, next } = readBatch(spoolDir, stream, this.#place);
    const messages: string[] = [];
    for (const { event } of records) {
      if (event.type === 'gap') this.#noteGap(event.from, event.to);
      const message = render(event);
      if (message !== undefined) messages.push(message);
    }
    // also without messages: it says whether the connection still stands
    await sender.send(messages);
    this.sentMessages += messages.length;
    const isIdle = next.record === this.#place.record && next.offset === this.#place.offset;
    this.#place = next;
    if (!isIdle) this.#settling ??= { place: next, sentMs: performance.now() };
    return isIdle;
  }

  #noteGap(from: number, to: number): void {
    this.lostMessages += Math.max(0, to + 1 - Math.max(from, this.#lostTo));
    this.#lostTo = Math.max(this.#lostTo, to + 1);
  }

  /** Goes back to what has arrived for sure. */
  #drop(): void {
    this.#sender = undefined;
    this.#place = undefined;
    this.#settling = undefined;
  }

  #load(): Bookmark {
    try {
      return parseBookmark(readFileSync(this.#options.bookmarkFile, 'utf8'));
    } catch {
      this.#keep({ record: this.#options.firstRecord(), segment: -1, offset: 0 });
      return this.#kept!;
    }
  }

  #keep(place: Bookmark): void {
    this.#kept = place;
    try {
      writeFileAtomic(this.#options.bookmarkFile, JSON.stringify(place), { durable: false });
      this.#unkept = undefined;
    } catch (error) {
      this.#unkept = messageOf(error);
    }
  }
}
