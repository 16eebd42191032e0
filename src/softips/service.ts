// softips: takes what ids and people want blocked, watches the mirror for it, and cuts it off. The only one that sends
// packets of its own, so it is the one that holds allow-list, rate, widths and ends itself, whoever asked.
import type { BlockReport } from '../api/block.ts';
import { choosePromiscuous } from '../config/promiscuous.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import { readInterfaces } from '../os/interfaces.ts';
import { readOwnAddresses } from '../os/own-addresses.ts';
import { RawIpSocket } from '../os/raw-ip-socket.ts';
import type { Service } from '../os/run-service.ts';
import { TapSocket } from '../os/tap-socket.ts';
import type { Paths } from '../paths.ts';
import { parseBlockEntry, renderTarget } from '../respond/soft-ips/block-entry.ts';
import { type Block, BlockList, MAX_BLOCKS } from '../respond/soft-ips/block-list.ts';
import { planFilter } from '../respond/soft-ips/plan-filter.ts';
import { Protected } from '../respond/soft-ips/protected.ts';
import type { Bookmark } from '../spool/bookmark.ts';
import { readBatch } from '../spool/reader.ts';
import { SpoolWriter } from '../spool/writer.ts';
import { loadBlockState, saveBlockState } from './block-state.ts';
import { Cutter } from './cutter.ts';

export interface SoftIpsWorld {
  paths: Paths;
  loadConfig: () => SensorConfig;
}

/** A blocked packet is answered at once; a new block is in force after this. */
const TURN_MS = 100;
const LOOK_MS = 5000;
/** what one turn takes of one interface: a flood of blocked packets must not stop the rest */
const FRAMES_A_TURN = 500;

/** Runs until the service is asked to stop. @throws MssError 'io' when its spool cannot be opened */
export async function runSoftIps(service: Service, { paths: at, loadConfig }: SoftIpsWorld): Promise<void> {
  const writer = new SpoolWriter(at.spoolDir('softips'), { maxBytes: 16 << 20, segmentBytes: 1 << 20 });
  const kept = loadBlockState(at);
  if (kept.problem !== undefined) service.warn(kept.problem);
  const softIps = new SoftIps(service, at, writer, new BlockList(kept.blocks), kept.bookmark);
  service.onReload(() => softIps.configure(loadConfig()));
  softIps.configure(loadConfig());
  const turn = service.loop('blocks');
  service.ready(softIps.describe());
  while (!service.signal.aborted) {
    await softIps.turn();
    turn();
  }
  softIps.close();
  writer.close();
}

class SoftIps {
  #service: Service;
  #at: Paths;
  #writer: SpoolWriter;
  #blocks: BlockList;
  #bookmark: Bookmark;
  #config!: SensorConfig;
  #safe = new Protected([], []);
  #socket: RawIpSocket | undefined;
  #cutter: Cutter;
  #taps = new Map<string, TapSocket>();
  #lookedMs = Number.NEGATIVE_INFINITY;
  #said = '';
  #refused: string | undefined;
  #lostRequests = 0;

  constructor(service: Service, at: Paths, writer: SpoolWriter, blocks: BlockList, bookmark: Bookmark) {
    this.#service = service;
    this.#at = at;
    this.#writer = writer;
    this.#blocks = blocks;
    this.#bookmark = bookmark;
    this.#cutter = new Cutter({ simulate: true, perSecond: 0, send: () => false, report: (one) => this.#report(one) });
  }

  /** Takes a configuration in; what of it cannot be used is said, and costs nothing else. */
  configure(config: SensorConfig): void {
    const { respond } = config;
    const entries = respond.block.flatMap((text) => this.#attempt(() => parseBlockEntry(text)) ?? []);
    this.#config = config;
    this.#socket?.close();
    this.#socket = undefined;
    this.#openSocket();
    this.#cutter.options = {
      ...this.#cutter.options,
      simulate: respond.mode !== 'block',
      perSecond: respond.perSecond,
      send: (packet, dst) => this.#socket?.send(packet, dst) ?? false,
    };
    this.#protect();
    const before = new Set(
      this.#blocks.blocks.filter(({ byPerson }) => byPerson).map(({ target }) => renderTarget(target)),
    );
    this.#blocks.setPersons(
      entries.filter(({ target }) => !this.#refuses({ remote: renderTarget(target), why: 'a person' })),
    );
    for (const block of this.#blocks.blocks) {
      if (block.byPerson && !before.has(renderTarget(block.target))) this.#report(this.#reportOf('block', block));
    }
    this.#follow();
    this.#lookedMs = Number.NEGATIVE_INFINITY;
  }

  /** An interface that is not there yet is tried again with each look. */
  #openSocket(): void {
    const { mode, interface: name } = this.#config.respond;
    if (mode === 'block') this.#socket ??= this.#attempt(() => new RawIpSocket(name));
  }

  /** What fails is said once, not at each turn. */
  #attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (this.#said !== messageOf(error)) this.#service.warn(messageOf(error));
      this.#said = messageOf(error);
      return undefined;
    }
  }

  async turn(): Promise<void> {
    const nowMs = Date.now();
    if (performance.now() - this.#lookedMs >= LOOK_MS) {
      this.#lookedMs = performance.now();
      this.#protect();
      this.#openSocket();
      this.#openTaps();
    }
    this.#takeRequests(nowMs);
    const over = this.#blocks.expire(nowMs);
    for (const block of over) this.#report({ ...this.#reportOf('block', block), action: 'expire' });
    if (over.length > 0) this.#follow();
    if (this.#taps.size === 0) await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    else await TapSocket.wait([...this.#taps.values()], TURN_MS);
    for (const tap of this.#taps.values()) this.#drain(tap);
    const refused = this.#writer.flush();
    if (refused !== undefined && this.#refused === undefined) this.#service.warn(refused);
    this.#refused = refused;
    this.#show();
  }

  #drain(tap: TapSocket): void {
    for (let i = 0; i < FRAMES_A_TURN; i++) {
      const frame = tap.read();
      if (frame === undefined) return;
      this.#cutter.take(frame, this.#blocks, this.#safe, Date.now());
    }
  }

  #takeRequests(nowMs: number): void {
    const batch = readBatch(this.#at.spoolDir('blocks'), 'blocks', this.#bookmark);
    if (batch.next.record === this.#bookmark.record && batch.next.offset === this.#bookmark.offset) return;
    for (const { event } of batch.records) {
      if (event.type !== 'block-request' || this.#config.respond.mode === 'off') continue;
      const { request } = event;
      // what was asked for while nobody listened may be over
      const endsMs = event.timeUs / 1000 + request.minutes * 60_000;
      if (endsMs <= nowMs || this.#refuses(request)) continue;
      try {
        const asked = this.#blocks.ask(request, nowMs, this.#config.respond.widenAfter);
        if (asked === 'full') this.#lose(`${MAX_BLOCKS} blocks are in force, ${request.remote} is not blocked`);
        if (asked === 'new') this.#report(this.#reportOf('block', this.#blocks.blocks.at(-1)!));
      } catch (error) {
        this.#lose(messageOf(error));
      }
    }
    this.#bookmark = batch.next;
    this.#follow();
  }

  #lose(why: string): void {
    if (this.#lostRequests++ === 0) this.#service.warn(why);
  }

  #refuses({ remote, host, why }: { remote: string; host?: string; why: string }): boolean {
    let reason = '';
    try {
      const entry = parseBlockEntry(remote);
      if (this.#safe.covers(entry.target)) reason = 'it is protected';
    } catch (error) {
      reason = messageOf(error);
    }
    if (reason === '') return false;
    this.#report({ action: 'refuse', remote, host, why: `${why}; ${reason}` });
    return true;
  }

  /** Brings filter and kept state after the list. */
  #follow(): void {
    const program = this.#program();
    for (const tap of this.#taps.values()) tap.setFilter(program);
    try {
      saveBlockState(this.#at, { bookmark: this.#bookmark, blocks: [...this.#blocks.blocks] });
    } catch (error) {
      this.#service.warn(messageOf(error));
    }
  }

  #program() {
    return planFilter(this.#blocks.blocks.map(({ target }) => target));
  }

  #protect(): void {
    this.#safe = new Protected(readOwnAddresses(), this.#config.respond.allow);
  }

  #openTaps(): void {
    const { respond, capture } = this.#config;
    const present = readInterfaces();
    const wanted = respond.mode === 'off' ? [] : choosePromiscuous(capture, present);
    for (const [name, tap] of this.#taps) {
      if (wanted.includes(name) && present.some((one) => one.name === name)) continue;
      tap.close();
      this.#taps.delete(name);
    }
    for (const name of wanted) {
      if (this.#taps.has(name)) continue;
      const tap = this.#attempt(() => new TapSocket(name, this.#program()));
      if (tap !== undefined) this.#taps.set(name, tap);
    }
  }

  describe(): string {
    const { mode } = this.#config.respond;
    const count = this.#blocks.blocks.length;
    if (mode === 'off') return 'off: nothing is blocked';
    return `${mode === 'block' ? 'blocks' : 'simulates, sends nothing'}; ${count} ${count === 1 ? 'block' : 'blocks'}`;
  }

  #show(): void {
    const { counters, detail } = this.#service;
    Object.assign(counters, this.#cutter.counters, {
      lostRequests: this.#lostRequests,
      droppedRecords: this.#writer.droppedRecords,
    });
    detail.mode = this.#config.respond.mode;
    detail.blocks = this.#blocks.blocks.map(({ target, host, why, untilMs, byPerson }) => ({
      target: renderTarget(target),
      host,
      why,
      untilMs,
      byPerson,
    }));
    const text = this.describe();
    if (text !== detail.text) this.#service.say('running', text);
    detail.text = text;
  }

  #reportOf(action: 'block', { target, host, why }: Block): BlockReport {
    const simulated = this.#config.respond.mode !== 'block';
    return { action: simulated ? `would-${action}` : action, remote: renderTarget(target), host, why };
  }

  #report(block: BlockReport): void {
    this.#writer.append({ type: 'block', timeUs: Date.now() * 1000, block });
  }

  close(): void {
    for (const tap of this.#taps.values()) tap.close();
    this.#socket?.close();
  }
}
