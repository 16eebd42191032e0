// mss-capture, main thread: decides what to capture and where to store it, keeps the quota, and says how it goes.
// The packets themselves never come here: see ring-thread.ts.
import { mkdirSync, statSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import type { Service } from '../os/run-service.ts';
import { findStatus } from '../os/status-file.ts';
import { findStorage, isMountPoint, readSpace } from '../os/storage-file.ts';
import type { Paths } from '../paths.ts';
import { parseFilter } from '../query/parse.ts';
import { recoverStore } from '../store/recover-store.ts';
import { createPacketKey, renderPrivateKey } from '../store/sealed/packet-keys.ts';
import { type Recipient, recipientIds } from '../store/sealed/sealed-header.ts';
import { CaptureWorkers, type WorkersPlan } from './capture-workers.ts';
import { type ChosenStore, chooseStore } from './choose-store.ts';
import { FlowReporter } from './flows/flow-reporter.ts';
import { reportsFlows } from './flows/plan-flows.ts';
import { InterfaceKeeper } from './interface-keeper.ts';
import { LogSniffer, type SniffPlan } from './logs/log-sniffer.ts';
import { readNicCounters } from './nic-counters.ts';
import { MOST_SEGMENT_BYTES, planRing, planSegmentBytes, planWorkers } from './plan-capture.ts';
import { planEncryption } from './plan-encryption.ts';
import { StatusKeeper } from './status-keeper.ts';
import { StoreKeeper } from './store-keeper.ts';
import { StoredLedger, type StoredSample } from './stored-ledger.ts';
import { WorkerProgress } from './worker-progress.ts';

const TURN_MS = 500;
const RETIRE_MS = 200;
const RETRY_MS = 2000;

export interface CaptureInputs {
  paths: Paths;
  urls: { ring: URL; index: URL; flows: URL };
  loadConfig: () => SensorConfig;
}

/** Captures until the service is asked to stop. */
export async function runCapture(service: Service, inputs: CaptureInputs): Promise<void> {
  const capture = new Capture(service, inputs);
  service.onReload(() => capture.reload());
  await capture.run();
}

class Capture {
  readonly #service: Service;
  readonly #inputs: CaptureInputs;
  readonly #interfaces: InterfaceKeeper;
  readonly #store: StoreKeeper;
  readonly #status: StatusKeeper;
  readonly #ledger: StoredLedger;
  readonly #flows: FlowReporter;
  readonly #logs: LogSniffer;
  // all waiting is measured by the clock that nobody sets: NTP may move the other by hours just after a boot
  readonly #startedMs = performance.now();
  /** opens what this process encrypts, and is gone with it */
  readonly #writer = createPacketKey();
  readonly #writerKey = renderPrivateKey(this.#writer);
  #recipients: Recipient[];
  #config: SensorConfig;
  #threads: CaptureWorkers | undefined;
  #plan: WorkersPlan | undefined;
  #chosen: ChosenStore = { dir: undefined, label: 'waiting for storage' };
  #trouble: string | undefined;
  #retryMs = 0;
  #segmentBytes = MOST_SEGMENT_BYTES;

  constructor(service: Service, inputs: CaptureInputs) {
    this.#service = service;
    this.#inputs = inputs;
    this.#config = inputs.loadConfig();
    this.#recipients = planEncryption(this.#config.packetLog.encryptTo, this.#writer.publicKey);
    this.#interfaces = new InterfaceKeeper((text) => service.warn(text));
    this.#store = new StoreKeeper();
    this.#status = new StatusKeeper(service, this.#interfaces);
    this.#ledger = new StoredLedger(inputs.paths.ledgerDir('capture'), readNicCounters, (text) => service.warn(text));
    const spoolDir = inputs.paths.spoolDir('capture');
    this.#flows = new FlowReporter(inputs.urls.flows, { spoolDir, writerKey: this.#writerKey }, (text) =>
      service.warn(text),
    );
    this.#logs = new LogSniffer(inputs.paths.sniffedLogsDir, (text) => service.warn(text));
  }

  /** Takes a new configuration; the threads are started anew only where their plan changed. Throws `config`, `query`. */
  reload(): void {
    const config = this.#inputs.loadConfig();
    if (config.capture.filter !== '') parseFilter(config.capture.filter);
    this.#recipients = planEncryption(config.packetLog.encryptTo, this.#writer.publicKey);
    this.#config = config;
    this.#interfaces.reload();
    this.#retryMs = 0;
  }

  async run(): Promise<void> {
    const { signal } = this.#service;
    const turned = this.#service.loop('capture');
    const progress = new WorkerProgress();
    let ready = false;
    while (!signal.aborted) {
      await this.#followPlan();
      if (!ready) {
        // the rings hold what comes from here on; nobody waits for the store to be put in order, and what reads from it
        this.#report();
        this.#service.ready('starting');
        ready = true;
      }
      this.#followStorage();
      this.#keepQuota();
      this.#flows.follow(this.#reportsFlows() ? this.#chosen.dir : undefined);
      this.#logs.follow(this.#sniffPlan());
      this.#report();
      this.#ledger.take(this.#sample(), Date.now(), performance.now());
      // the watchdog is fed by the ring threads' work; without any, by the tries to start them
      if (progress.moved(this.#threads?.turns ?? [])) turned();
      await sleep(TURN_MS, undefined, { signal }).catch(() => {});
    }
    const { interfaces } = this.#sample();
    this.#logs.close();
    await this.#stopThreads();
    await this.#flows.stop(); // behind the last packet
    await this.#interfaces.close();
    this.#report();
    this.#ledger.close({ ...this.#sample(), interfaces }, Date.now(), performance.now());
  }

  async #followPlan(): Promise<void> {
    const plan = this.#makePlan(await this.#interfaces.choose(this.#config.capture, performance.now()));
    if (JSON.stringify(plan) !== JSON.stringify(this.#plan) || this.#interfacesChanged()) await this.#stopThreads();
    if (this.#threads !== undefined || plan === undefined || performance.now() < this.#retryMs) return;
    try {
      // threads that ended by a failure leave a segment open
      if (this.#chosen.dir !== undefined) this.#prepareDir(this.#chosen.dir);
      const threads = await CaptureWorkers.start(plan, this.#inputs.urls, {
        onTrouble: (text) => this.#onTrouble(text),
      });
      this.#plan = plan;
      this.#threads = threads;
      this.#trouble = undefined;
      this.#status.began(threads, plan);
      threads.setStore(this.#chosen, this.#segmentBytes);
      threads.ended.then((why) => this.#onEnded(threads, why));
    } catch (error) {
      this.#retryMs = performance.now() + RETRY_MS;
      this.#onTrouble(messageOf(error));
    }
  }

  /** Undefined where there is nothing to capture on. */
  #makePlan(interfaces: string[]): WorkersPlan | undefined {
    const { capture } = this.#config;
    if (interfaces.length === 0) {
      this.#trouble = 'no interface without an address to capture on: connect one, or name it in capture.interfaces';
      return undefined;
    }
    const workers = planWorkers(capture.workers, availableParallelism(), totalmem(), interfaces.length);
    return {
      interfaces,
      workers,
      ...planRing(totalmem(), interfaces.length * workers),
      retireMs: RETIRE_MS,
      snaplenBytes: capture.snaplen,
      mostSegmentBytes: MOST_SEGMENT_BYTES,
      filter: capture.filter === '' ? undefined : parseFilter(capture.filter),
      cutoffBytes: capture.cutoff,
      recipients: this.#recipients,
      writerKey: this.#writerKey,
    };
  }

  /** An interface that went and came back has another number: the old socket would be deaf. */
  #interfacesChanged(): boolean {
    return (this.#threads?.interfaces ?? []).some(
      ({ name, interfaceIndex }) => this.#interfaces.find(name)?.interfaceIndex !== interfaceIndex,
    );
  }

  #followStorage(): void {
    const { paths } = this.#inputs;
    let storage: ReturnType<typeof findStorage>;
    try {
      storage = findStorage(paths);
    } catch (error) {
      this.#onTrouble(`${paths.storageFile}: ${messageOf(error)}`);
    }
    const chosen = chooseStore({
      storage,
      mounted: storage?.mountPoint !== undefined && isMountPoint(storage.mountPoint),
      waitedMs: performance.now() - this.#startedMs,
      fallbackDir: paths.packetFallback,
    });
    const changed = chosen.dir !== this.#chosen.dir;
    if (chosen.degraded !== undefined && chosen.degraded !== this.#chosen.degraded) this.#service.warn(chosen.degraded);
    this.#chosen = chosen;
    if (!changed) return;
    if (chosen.dir !== undefined) this.#prepareDir(chosen.dir);
    this.#keepQuota(); // how large segments may be depends on it
    this.#threads?.setStore(chosen, this.#segmentBytes);
  }

  #prepareDir(dir: string): void {
    try {
      // the storage's own folder is made by control; only the fall-back may be missing
      if (dir === this.#inputs.paths.packetFallback) mkdirSync(dir, { recursive: true, mode: 0o750 });
      const recovered = recoverStore(dir);
      for (const failure of recovered.failures) this.#service.warn(failure);
      if (recovered.completed + recovered.removed + recovered.reindexed > 0) {
        this.#service.warn(
          `the packet store was put in order: ${recovered.completed} segments completed, ${recovered.removed} without ` +
            `packets removed, ${recovered.unindexed} left without an index for want of their key, ${recovered.reindexed} indexes made anew, ${recovered.tornBytes} torn bytes cut off`,
        );
      }
    } catch (error) {
      this.#onTrouble(messageOf(error));
    }
  }

  #keepQuota(): void {
    const { dir } = this.#chosen;
    if (dir === undefined) return;
    try {
      if (statSync(dir, { throwIfNoEntry: false }) === undefined) return;
      const { percent, bytes } = this.#config.packetLog;
      const writtenBytes = this.#threads?.get('storedBytes') ?? 0;
      const workers = this.#plan?.workers ?? 1;
      this.#store.keep(
        dir,
        { percent, bytes },
        { workers, segmentBytes: this.#segmentBytes, writtenBytes },
        readSpace(dir),
      );
      this.#sizeSegments(planSegmentBytes(this.#store.quotaBytes ?? 0, workers));
    } catch (error) {
      this.#onTrouble(`the quota of ${dir} cannot be kept: ${messageOf(error)}`);
    }
  }

  /** The quota shrinks when somebody else fills the disk, or by a new configuration: segments must follow. */
  #sizeSegments(segmentBytes: number): void {
    if (segmentBytes > this.#segmentBytes / 2 && segmentBytes < this.#segmentBytes * 2) return;
    this.#segmentBytes = segmentBytes;
    this.#service.detail.segmentBytes = segmentBytes;
    this.#threads?.setStore(this.#chosen, segmentBytes);
  }

  #report(): void {
    this.#status.update(this.#store, this.#chosen, this.#threads === undefined ? this.#trouble : undefined);
    const { records, droppedRecords, skippedSegments } = this.#flows.counts;
    const counts = { flowRecords: records, droppedFlowRecords: droppedRecords, ...this.#logs.counts };
    Object.assign(this.#service.counters, counts);
    this.#service.detail.encryptedFor = recipientIds(this.#plan?.recipients ?? []);
    this.#service.detail.flows = { reporting: this.#flows.following, skippedSegments };
  }

  /** The engine's status file is old where it is silent. */
  #reportsFlows(): boolean {
    const { enabled } = this.#config.ids;
    const waitedMs = performance.now() - this.#startedMs;
    try {
      const spokeMs = enabled ? findStatus(this.#inputs.paths, 'suricata')?.updatedMs : undefined;
      return reportsFlows({ enabled, spokeMs, nowMs: Date.now(), waitedMs });
    } catch {
      return this.#flows.following; // unreadable: as before
    }
  }

  #sniffPlan(): SniffPlan | undefined {
    const { enabled, sniff, sniffPorts } = this.#config.logs;
    if (!enabled || !sniff || this.#threads === undefined) return undefined;
    return { interfaces: this.#threads.interfaces, ports: sniffPorts.map(Number) };
  }

  #sample(): StoredSample {
    const interfaces = this.#threads?.interfaces.map(({ name }) => name) ?? [];
    return { counters: this.#service.counters, interfaces, trouble: this.#trouble };
  }

  #onTrouble(text: string): void {
    if (text !== this.#trouble) this.#service.warn(text);
    this.#trouble = text;
  }

  #onEnded(threads: CaptureWorkers, why: string | undefined): void {
    if (this.#threads !== threads) return;
    this.#status.ended();
    this.#threads = undefined;
    this.#retryMs = performance.now() + RETRY_MS;
    this.#onTrouble(why ?? 'the capture thread ended');
  }

  async #stopThreads(): Promise<void> {
    const threads = this.#threads;
    if (threads === undefined) return;
    this.#threads = undefined;
    await threads.stop();
    this.#status.ended();
  }
}
